//! The yearly register as a page for the printer (G1.1f): the same rights as everywhere, nothing that runs.

use chrono::Datelike as _;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{Client, both_databases};

use super::*;

const OPEN: &str = "mutation($input: OpenRegisterInput!) { openRegister(input: $input) { path expiresAt
    userErrors { code path } } }";

async fn open(client: &Client, org: &str, year: i32) -> Value {
    let input = json!({"organizationId": org, "year": year});
    client.data(OPEN, json!({"input": input})).await["openRegister"].clone()
}

both_databases!(
    g1_1f_the_register_of_a_year_is_a_printable_page_in_which_nothing_runs,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let secretary = server.client("branch-secretary");
        let at = days(-2);
        let mut input = held(&branch, "BRANCH_GENERAL_MEETING", at);
        input["title"] = json!("<script>alert('1')</script> & 学习");
        input["minutes"] = json!("逐字<b>记录</b>");
        input["resolutions"] = json!([{"title": "一致\"通过\"", "kind": "MAJOR_MATTER", "ayes": 1}]);
        done(&record(&secretary, input).await);
        let year = (at + Duration::hours(8)).year();
        let path = format!("/register/{branch}/{year}");

        let page = secretary.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let header = |name: &str| page.headers[name].to_str().expect("visible").to_owned();
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        assert_eq!(header("cache-control"), "no-store");
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"),
            "{policy}"
        );
        for shown in [
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; 学习",
            "逐字&lt;b&gt;记录&lt;/b&gt;",
            "一致&quot;通过&quot;",
            "年组织生活台账",
            "支部党员大会",
            "@media print",
        ] {
            assert!(page.text.contains(shown), "{shown} is missing");
        }
        assert!(
            !page.text.contains("<script") && !page.text.contains("http"),
            "nothing runs, nothing is fetched"
        );
        let english = secretary.get(&format!("{path}?lang=en")).await.text;
        assert!(english.contains("Register of organizational life") && english.contains("Branch general meeting"));

        // A browser sends no token: a link opens the page, once, and only this one.
        let made = open(&secretary, &branch, year).await;
        let link = made["path"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        let anyone = Client::new(server.url());
        assert_eq!(anyone.get(&path).await.status, 401);
        let first = anyone.get(&link).await;
        assert_eq!(
            (first.status.as_u16(), first.text.contains("&lt;script&gt;")),
            (200, true)
        );
        let again = anyone.get(&link).await;
        assert_eq!(again.status, 404);
        let made = open(&secretary, &branch, year).await;
        let other_year = made["path"]
            .as_str()
            .expect("a path")
            .replace(&year.to_string(), "2020");
        assert_eq!(anyone.get(&other_year).await.status, 404);
    }
);

both_databases!(
    g1_1f_the_page_holds_back_what_the_reader_may_not_read,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (secretary, leader) = (server.client("branch-secretary"), server.client("group-leader"));
        let at = days(-9);
        let mut input = held(&branch, "BRANCH_COMMITTEE_MEETING", at);
        input["title"] = json!("支委会例会甲");
        input["minutes"] = json!("只给到会者的话");
        input["resolutions"] = json!([{"title": "未公布的决议", "kind": "OTHER", "ayes": 2}]);
        done(&record(&secretary, input).await);
        let year = (at + Duration::hours(8)).year();
        let path = format!("/register/{branch}/{year}");
        let (whole, part) = tokio::join!(secretary.get(&path), leader.get(&path));
        let holds = |page: &str| ["支委会例会甲", "只给到会者的话", "未公布的决议"].map(|text| page.contains(text));
        assert_eq!(holds(&whole.text), [true, true, true]);
        assert_eq!(
            holds(&part.text),
            [true, false, false],
            "a member outside the committee"
        );
        // A link lends the rights of who asked for it, no others.
        let made = open(&leader, &branch, year).await;
        let link = made["path"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        let lent = Client::new(server.url()).get(&link).await;
        assert_eq!(holds(&lent.text), [true, false, false]);
    }
);

both_databases!(
    g1_1f_a_link_ends_with_its_time_and_with_the_sessions_of_its_account,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let rows = database.connect().await;
        let branch = server.account("branch-secretary", "organizationId");
        let secretary = server.client("branch-secretary");
        let anyone = Client::new(server.url());
        let year = (now() + Duration::hours(8)).year();
        for (change, status) in [
            ("UPDATE page_link SET year = year", 200),
            ("UPDATE page_link SET expires_at = '2026-01-01 00:00:00+00:00'", 404),
            (
                "UPDATE account SET auth_epoch = auth_epoch + 1 WHERE username = 'branch-secretary'",
                404,
            ),
        ] {
            let made = open(&secretary, &branch, year).await;
            let link = made["path"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
            rows.execute_unprepared(change).await.expect("the row can be changed");
            let page = anyone.get(&link).await;
            assert_eq!(page.status.as_u16(), status, "{change}");
        }
        for lie in ["olv_nothing", "", "%00"] {
            let page = anyone.get(&format!("/register/{branch}/{year}?link={lie}")).await;
            assert_eq!(page.status.as_u16(), 404, "{lie}");
        }
    }
);

both_databases!(
    g1_1f_a_register_that_is_not_the_readers_looks_as_one_that_does_not_exist,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let stranger = server.client("other-county");
        let (hidden, missing) = tokio::join!(
            async { stranger.get(&format!("/register/{branch}/2026")).await },
            async { stranger.get("/register/org_nowhere/2026").await }
        );
        assert_eq!((hidden.status.as_u16(), missing.status.as_u16()), (404, 404));
        assert_eq!(hidden.text, missing.text);
        let names = |headers: &reqwest::header::HeaderMap| -> Vec<String> {
            let own = ["x-request-id", "date"];
            headers
                .iter()
                .filter(|(name, _)| !own.contains(&name.as_str()))
                .map(|(name, value)| format!("{name}: {value:?}"))
                .collect()
        };
        assert_eq!(names(&hidden.headers), names(&missing.headers));
        let refused = open(&stranger, &branch, 2026).await;
        let nowhere = open(&stranger, "org_nowhere", 2026).await;
        assert_eq!(refused, nowhere);
        assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND");
        assert_eq!((&refused["path"], &refused["expiresAt"]), (&Value::Null, &Value::Null));
        let secretary = server.client("branch-secretary");
        for odd in ["never", "1920", "9999"]
            .map(|year| format!("{branch}/{year}"))
            .into_iter()
            .chain(["org_%00/2026".to_owned()])
        {
            let page = secretary.get(&format!("/register/{odd}")).await;
            assert_eq!((page.status.as_u16(), &page.text), (404, &missing.text), "{odd}");
        }
        for (year, code) in [(1920, "DATE_TOO_EARLY"), (9999, "DATE_IN_FUTURE")] {
            let refused = open(&secretary, &branch, year).await;
            assert_eq!(refused["userErrors"][0]["code"], code, "{refused}");
            assert_eq!(refused["userErrors"][0]["path"], json!(["input", "year"]), "{refused}");
        }
    }
);

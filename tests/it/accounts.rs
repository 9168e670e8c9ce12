//! Accounts of an org's people.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

const OPEN: &str =
    "mutation($input: OpenAccountInput!) { openAccount(input: $input) { account { id version username disabledAt }
    oneTimeToken userErrors { code path } replayed } }";
const LINK: &str =
    "mutation($input: IssueResetLinkInput!) { issueResetLink(input: $input) { account { id } oneTimeToken
    userErrors { code } replayed } }";
const CLOSE: &str =
    "mutation($input: CloseAccountInput!) { closeAccount(input: $input) { account { disabledAt version }
    userErrors { code } } }";
const SET: &str = "mutation($input: SetPasswordInput!) { setPassword(input: $input) { userErrors { code } } }";
const CHANGE: &str =
    "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { accessToken userErrors { code } } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }";
const ROSTER: &str =
    "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { id status account { id username } } } }";

both_databases!(
    a_new_account_gets_its_password_by_a_link_that_works_once,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("moved-secretary", "organizationId");
        let (head, nobody) = (server.client("moved-secretary"), Client::new(server.url()));
        let nodes = head.data(ROSTER, json!({"o": org})).await["members"]["nodes"].clone();
        let fits = |node: &&Value| node["status"] == "ACTIVE" && node["account"].is_null();
        let member = nodes.as_array().expect("nodes").iter().find(fits).expect("somebody")["id"].clone();
        let open = async |who: &Client, username: &str, key: &str| {
            let input = json!({"memberId": member, "username": username, "idempotencyKey": key});
            who.data(OPEN, json!({"input": input})).await["openAccount"].clone()
        };
        let hidden = open(&server.client("village-secretary"), "new-comer", "o0").await;
        assert_eq!(hidden["userErrors"][0]["code"], "NOT_FOUND", "{hidden}");
        let odd = open(&head, "New Comer", "o1").await;
        assert_eq!(
            odd["userErrors"][0],
            json!({"code": "INVALID", "path": ["input", "username"]})
        );
        let taken = open(&head, "member", "o2").await;
        assert_eq!(taken["userErrors"][0]["code"], "USERNAME_TAKEN", "{taken}");
        let made = open(&head, "new-comer", "o3").await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        let first = made["oneTimeToken"]
            .as_str()
            .expect("a link for the secretary")
            .to_owned();
        let again = open(&head, "new-comer", "o3").await;
        assert_eq!(
            (&again["replayed"], &again["oneTimeToken"]),
            (&json!(true), &Value::Null),
            "shown once"
        );
        let id = made["account"]["id"].clone();
        let link = async |who: &Client, key: &str| {
            let input = json!({"accountId": id, "idempotencyKey": key});
            who.data(LINK, json!({"input": input})).await["issueResetLink"].clone()
        };
        let second = link(&head, "l1").await["oneTimeToken"]
            .as_str()
            .expect("a second link")
            .to_owned();
        let set = async |token: &str, password: &str| {
            let input = json!({"token": token, "newPassword": password});
            nobody.data(SET, json!({"input": input})).await["setPassword"]["userErrors"].clone()
        };
        assert_eq!(
            set(&first, "ten characters").await[0]["code"],
            "TOKEN_INVALID",
            "an earlier link no longer works"
        );
        assert_eq!(set(&second, "short").await[0]["code"], "PASSWORD_TOO_SHORT");
        assert_eq!(set(&second, "ten characters").await, json!([]));
        assert_eq!(
            set(&second, "ten more characters").await[0]["code"],
            "TOKEN_INVALID",
            "once"
        );
        let sign_in = async |password: &str| {
            let input = json!({"username": "new-comer", "password": password});
            nobody.data(SIGN_IN, json!({"input": input})).await["signIn"]["accessToken"].clone()
        };
        let token = sign_in("ten characters").await;
        let own = Client::new(server.url()).with_token(token.as_str().expect("signed in"));
        let change = async |current: &str| {
            let input = json!({"currentPassword": current, "newPassword": "another password"});
            own.data(CHANGE, json!({"input": input})).await["changePassword"].clone()
        };
        assert_eq!(
            change("wrong password").await["userErrors"][0]["code"],
            "CREDENTIALS_INVALID"
        );
        let changed = change("ten characters").await;
        assert!(changed["accessToken"].is_string(), "{changed}");
        assert_eq!(sign_in("ten characters").await, Value::Null);
        // The administrator may ask for a link, and never sees it.
        let unseen = link(&server.client("administrator"), "l2").await;
        assert_eq!(
            (&unseen["userErrors"], &unseen["oneTimeToken"]),
            (&json!([]), &Value::Null),
            "{unseen}"
        );
        let input = json!({"accountId": id, "idempotencyKey": "c"});
        let closed = head.data(CLOSE, json!({"input": input})).await["closeAccount"].clone();
        assert!(closed["account"]["disabledAt"].is_string(), "{closed}");
        assert_eq!(sign_in("another password").await, Value::Null);
    }
);

//! Sign in, stay signed in, sign out.

use serde_json::{Value, json};
use tests::{City, Client, Server, both_databases};

const SIGN_IN: &str =
    "mutation($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken viewer { account { username } }
    userErrors { code } } }";
const REFRESH: &str =
    "mutation($input: RefreshInput!) { refresh(input: $input) { accessToken refreshToken userErrors { code } } }";

both_databases!(
    a_refresh_token_works_once_and_its_theft_ends_the_session,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = Client::new(server.url());
        let password = server.account("branch-secretary", "password");
        let input = json!({"input": {"username": "branch-secretary", "password": password}});
        let signed_in = client.data(SIGN_IN, input).await["signIn"].clone();
        assert_eq!(signed_in["viewer"]["account"]["username"], "branch-secretary");
        let refresh = async |token: &Value| {
            client.data(REFRESH, json!({"input": {"refreshToken": token}})).await["refresh"].clone()
        };
        let second = refresh(&signed_in["refreshToken"]).await;
        assert_ne!(second["refreshToken"], signed_in["refreshToken"]);
        let third = refresh(&second["refreshToken"]).await;
        assert!(third["accessToken"].is_string());
        // The first one again, after its successor was used: stolen. The whole family ends.
        assert_eq!(
            refresh(&signed_in["refreshToken"]).await["userErrors"][0]["code"],
            "REFRESH_TOKEN_INVALID"
        );
        assert_eq!(
            refresh(&third["refreshToken"]).await["userErrors"][0]["code"],
            "REFRESH_TOKEN_INVALID"
        );
    }
);

async fn sign_in(client: &Client, server: &Server) -> Value {
    let password = server.account("branch-secretary", "password");
    let input = json!({"input": {"username": "branch-secretary", "password": password}});
    client.data(SIGN_IN, input).await["signIn"]["refreshToken"].clone()
}

async fn refreshed(client: &Client, token: &Value) -> Value {
    client.data(REFRESH, json!({"input": {"refreshToken": token}})).await["refresh"].clone()
}

/// The session has ended for each of these tokens.
async fn all_ended(client: &Client, tokens: &[&Value]) {
    for (number, token) in tokens.iter().enumerate() {
        let answer = refreshed(client, token).await;
        let code = &answer["userErrors"][0]["code"];
        assert_eq!(code, "REFRESH_TOKEN_INVALID", "{number}: {answer}");
    }
}

both_databases!(
    a_lost_answer_is_asked_for_again_and_the_last_one_works,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = Client::new(server.url());
        let first = sign_in(&client, server).await;
        let mut last = Value::Null;
        for _ in 0..3 {
            let answer = refreshed(&client, &first).await;
            assert!(answer["accessToken"].is_string(), "{answer}");
            assert_ne!(answer["refreshToken"], last);
            last = answer["refreshToken"].clone();
        }
        let next = refreshed(&client, &last).await;
        assert!(next["accessToken"].is_string(), "{next}");
    }
);

both_databases!(
    a_refresh_token_never_has_two_successors_that_work,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = Client::new(server.url());
        // The same token twice within the minute; then somebody shows the successor in whose stead another one was given.
        let first = sign_in(&client, server).await;
        let earlier = refreshed(&client, &first).await["refreshToken"].clone();
        let later = refreshed(&client, &first).await["refreshToken"].clone();
        assert!(earlier.is_string() && later.is_string() && earlier != later);
        all_ended(&client, &[&earlier, &first, &later]).await;
        // The same after the later one was used, too.
        let first = sign_in(&client, server).await;
        let earlier = refreshed(&client, &first).await["refreshToken"].clone();
        let later = refreshed(&client, &first).await["refreshToken"].clone();
        let used = refreshed(&client, &later).await["refreshToken"].clone();
        assert!(used.is_string());
        all_ended(&client, &[&earlier, &used, &later, &first]).await;
        // And whoever asks again with the first token, though a successor was used, is no client that lost an answer.
        let first = sign_in(&client, server).await;
        refreshed(&client, &first).await;
        let later = refreshed(&client, &first).await["refreshToken"].clone();
        let used = refreshed(&client, &later).await["refreshToken"].clone();
        assert!(used.is_string());
        all_ended(&client, &[&first, &used]).await;
    }
);

both_databases!(
    a_refresh_token_shown_twice_at_once_has_one_successor_that_works,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = Client::new(server.url());
        let first = sign_in(&client, server).await;
        let (one, other) = tokio::join!(refreshed(&client, &first), refreshed(&client, &first));
        let (one, other) = (one["refreshToken"].clone(), other["refreshToken"].clone());
        assert!(one.is_string() && other.is_string() && one != other);
        // Whichever was given last works, and the other one ends the session.
        let (one, other) = (refreshed(&client, &one).await, refreshed(&client, &other).await);
        assert_eq!(other["userErrors"][0]["code"], "REFRESH_TOKEN_INVALID", "{other}");
        let ended = match one["refreshToken"].clone() {
            Value::Null => first,
            next => next,
        };
        all_ended(&client, &[&ended]).await;
    }
);

both_databases!(
    a_wrong_password_and_an_unknown_name_get_one_answer,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = Client::new(server.url());
        let mut answers = Vec::new();
        for username in ["branch-secretary", "nobody-at-all"] {
            let input = json!({"input": {"username": username, "password": "not the password"}});
            answers.push(client.data(SIGN_IN, input).await);
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0]["signIn"]["userErrors"][0]["code"], "CREDENTIALS_INVALID");
    }
);

both_databases!(
    an_anonymous_caller_reads_nothing_of_the_city,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let city = server.account("city-secretary", "organizationId");
        let client = Client::new(server.url());
        for query in [
            "query($o: ID!) { organization(id: $o) { name } }",
            "query($o: ID!) { members(within: {exactly: $o}, first: 1) { nodes { id } } }",
        ] {
            let body = client.graphql(query, json!({"o": city})).await;
            assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{body}");
            assert!(body["data"].is_null(), "{body}");
        }
    }
);

both_databases!(
    an_access_token_ends_with_its_minutes_and_the_session_goes_on,
    |database: tests::TestDatabase| async move {
        let viewer = "{ viewer { account { username } } }";
        let city = City::on(&database);
        let server = city.at("2026-11-10T02:00:00Z").await;
        let token = server.account("branch-secretary", "accessToken");
        let refresh = sign_in(&Client::new(server.url()), &server).await;
        drop(server);
        // The demo's hold an hour.
        let server = city.at("2026-11-10T02:59:00Z").await;
        let old = Client::new(server.url()).with_token(&token);
        assert_eq!(
            old.data(viewer, json!({})).await["viewer"]["account"]["username"],
            "branch-secretary"
        );
        drop(server);
        let server = city.at("2026-11-10T03:05:00Z").await;
        let anyone = Client::new(server.url());
        let old = anyone.with_token(&token);
        assert_eq!(old.error_code(viewer, json!({})).await, "UNAUTHENTICATED");
        let renewed = refreshed(&anyone, &refresh).await;
        let new = anyone.with_token(renewed["accessToken"].as_str().expect("a token"));
        assert_eq!(
            new.data(viewer, json!({})).await["viewer"]["account"]["username"],
            "branch-secretary"
        );
    }
);

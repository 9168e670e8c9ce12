//! Sign in, stay signed in, sign out.

use serde_json::json;
use tests::{Client, Server, both_databases};

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
        let refresh = async |token: &serde_json::Value| {
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
            assert!(body["errors"][0]["extensions"]["code"].is_string(), "{body}");
            assert!(!body.to_string().contains("org_7"), "{body}");
        }
    }
);

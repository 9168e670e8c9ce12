use std::sync::atomic::Ordering;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

use super::toy::{Server, WRITTEN};

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
}

#[tokio::test]
async fn a_query_is_answered_with_its_cost_and_budget() {
    let server = Server::start(|_| {}).await;
    let response = server
        .post(&json!({ "query": "{ hello remaining }" }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(
        header("content-type").as_deref(),
        Some("application/graphql-response+json; charset=utf-8")
    );
    assert_eq!(header("cache-control").as_deref(), Some("no-store"));
    assert!(header("x-request-id").is_some_and(|id| id.starts_with("req_")));
    assert_eq!(header("ratelimit-policy").as_deref(), Some("\"points\";q=60000;w=30"));
    assert!(header("ratelimit").is_some_and(|state| state.starts_with("\"points\";r=59998;")));
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["data"], json!({ "hello": "hello", "remaining": 59998 }));
    assert_eq!(body["extensions"]["cost"]["requested"], 2);
    assert_eq!(body["extensions"]["cost"]["actual"], 2);
}

#[tokio::test]
async fn get_runs_queries_only() {
    let server = Server::start(|_| {}).await;
    let get = |members: &[(&str, &str)]| {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(members)
            .finish();
        Client::new()
            .get(server.url(&format!("/graphql?{query}")))
            .bearer_auth("good")
    };
    assert_eq!(answer(get(&[("query", "{ hello }")])).await.0, 200);
    let before = WRITTEN.load(Ordering::SeqCst);
    for refused in [
        "mutation { signIn(name: \"a\") }",
        "mutation { write }",
        "subscription { count(to: 1) }",
    ] {
        let response = get(&[("query", refused)]).send().await.unwrap();
        assert_eq!(
            (
                response.status().as_u16(),
                response.headers()["allow"].to_str().unwrap()
            ),
            (405, "POST")
        );
    }
    assert_eq!(WRITTEN.load(Ordering::SeqCst), before);
    let named = get(&[
        ("query", "query A { hello } query B { b: hello }"),
        ("operationName", "B"),
        ("variables", "{}"),
    ]);
    assert_eq!(answer(named).await.1["data"], json!({ "b": "hello" }));
}

#[tokio::test]
async fn only_json_objects_are_read() {
    let server = Server::start(|_| {}).await;
    let body = json!({ "query": "{ hello }" }).to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let request = Client::new()
            .post(server.url("/graphql"))
            .bearer_auth("good")
            .header("content-type", kind)
            .body(body.clone());
        let (status, body) = answer(request).await;
        assert_eq!((status, code(&body)), (415, "UNSUPPORTED_MEDIA_TYPE"), "{kind}");
    }
    let (status, body) = answer(server.post(&json!([{ "query": "{ hello }" }]))).await;
    assert_eq!((status, code(&body)), (400, "BATCH_REFUSED"));
    let (status, body) = answer(server.post(&json!({ "query": "{ hello }", "variables": [] }))).await;
    assert_eq!((status, code(&body)), (400, "BAD_REQUEST"));
    let (status, body) = answer(
        server
            .post(&json!({ "query": "{ hello }" }))
            .header("accept", "text/html"),
    )
    .await;
    assert_eq!(status, 200, "the first header still takes it: {body}");
    let html = Client::new()
        .post(server.url("/graphql"))
        .header("accept", "text/html")
        .json(&json!({}));
    assert_eq!(answer(html).await.0, 406);
}

#[tokio::test]
async fn a_long_body_is_read_for_an_account_only() {
    let server = Server::start(|settings| settings.body_bytes = 128 * 1024).await;
    let long = |bytes: usize| json!({ "query": "mutation { signIn(name: \"a\") }", "x": "x".repeat(bytes) });
    assert_eq!(answer(server.bare(&long(60_000))).await.0, 200);
    let (status, body) = answer(server.bare(&long(65_536))).await;
    assert_eq!((status, code(&body)), (413, "BODY_TOO_LARGE"));
    let (status, body) = answer(server.bare(&long(65_536)).bearer_auth("ended")).await;
    assert_eq!((status, code(&body)), (401, "UNAUTHENTICATED"));
    let (status, body) = answer(server.post(&long(100_000))).await;
    assert_eq!((status, &body["data"]["signIn"]), (200, &json!("a")));
    let (status, body) = answer(server.post(&long(131_072))).await;
    assert_eq!((status, code(&body)), (413, "BODY_TOO_LARGE"));
}

#[tokio::test]
async fn so_many_long_bodies_are_read_at_once() {
    let server = Server::start(|settings| settings.long_bodies_per_account = 0).await;
    let long = json!({ "query": "{ hello }", "x": "x".repeat(100_000) });
    let (status, body) = answer(server.post(&long)).await;
    assert_eq!((status, code(&body)), (503, "OVERLOADED"));
    assert_eq!(answer(server.post(&json!({ "query": "{ hello }" }))).await.0, 200);
}

#[tokio::test]
async fn an_address_makes_so_many_guesses_and_then_waits() {
    let server = Server::start(|settings| {
        settings.budget.address_points = 1_000;
        settings.budget.address_per_second = 1;
    })
    .await;
    let guess = json!({ "query": "mutation { signIn(name: \"a\") }" });
    for _ in 0..4 {
        let (status, body) = answer(server.bare(&guess)).await;
        assert_eq!((status, &body["extensions"]["cost"]["actual"]), (200, &json!(201)));
    }
    let (status, body) = answer(server.bare(&guess)).await;
    assert_eq!((status, code(&body)), (429, "RATE_LIMITED"));
    // Whoever is signed in pays from their own.
    assert_eq!(answer(server.post(&guess)).await.0, 200);
}

#[tokio::test]
async fn request_errors_have_no_data_and_their_status_follows_the_form() {
    let server = Server::start(|_| {}).await;
    let deep = format!("{}{}", "{ hello ".repeat(40), "}".repeat(40));
    for (query, expected) in [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ hello", "GRAPHQL_PARSE_FAILED"),
        ("{ rows(first: \"x\") }", "BAD_USER_INPUT"),
        ("query A { hello } query B { hello }", "OPERATION_NOT_FOUND"),
        (&deep, "QUERY_TOO_DEEP"),
        ("subscription { count(to: 1) }", "SUBSCRIPTION_NEEDS_STREAM"),
    ] {
        let (status, body) = answer(server.post(&json!({ "query": query }))).await;
        assert_eq!(
            (status, code(&body), body.get("data")),
            (400, expected, None),
            "{query}"
        );
        assert!(body["errors"][0]["extensions"]["requestId"].is_string());
        let old = Client::new()
            .post(server.url("/graphql"))
            .bearer_auth("good")
            .json(&json!({ "query": query }));
        let (status, body) = answer(old).await;
        assert_eq!(
            (status, code(&body), body.get("data")),
            (200, expected, None),
            "{query}"
        );
    }
}

#[tokio::test]
async fn faults_of_ours_tell_nothing() {
    let server = Server::start(|_| {}).await;
    let (status, body) = answer(server.post(&json!({ "query": "{ broken }" }))).await;
    assert_eq!((status, code(&body), &body["data"]), (200, "INTERNAL", &Value::Null));
    assert!(!body.to_string().contains("secret"));
    let (status, body) = answer(server.post(&json!({ "query": "{ panicking }" }))).await;
    assert_eq!((status, code(&body)), (500, "INTERNAL"));
    assert!(!body.to_string().contains("secret"));
    assert_eq!(answer(server.post(&json!({ "query": "{ hello }" }))).await.0, 200);
}

#[tokio::test]
async fn anonymous_callers_reach_the_open_fields_only() {
    let server = Server::start(|_| {}).await;
    let (status, body) = answer(server.bare(&json!({ "query": "mutation { signIn(name: \"a\") }" }))).await;
    assert_eq!((status, &body["data"]["signIn"]), (200, &json!("a")));
    for query in [
        "{ hello }",
        "{ __schema { types { name } } }",
        "{ __typename hello }",
        "{ __typename: hello }",
    ] {
        let response = server.bare(&json!({ "query": query })).send().await.unwrap();
        assert_eq!(
            (
                response.status().as_u16(),
                response.headers()["www-authenticate"].to_str().unwrap()
            ),
            (401, "Bearer")
        );
    }
    let (status, body) = answer(server.bare(&json!({ "query": "{ hello }" })).bearer_auth("forged")).await;
    assert_eq!((status, code(&body)), (401, "UNAUTHENTICATED"));
    let (status, body) = answer(server.bare(&json!({ "query": "{ hello }" })).bearer_auth("disabled")).await;
    assert_eq!((status, code(&body)), (401, "ACCOUNT_DISABLED"));
    let response = server
        .bare(&json!({ "query": "{ hello }" }))
        .bearer_auth("busy")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            response.headers()["retry-after"].to_str().unwrap()
        ),
        (503, "1")
    );
    let ended = server
        .bare(&json!({ "query": "mutation { signIn(name: \"a\") }" }))
        .bearer_auth("ended");
    assert_eq!(
        answer(ended).await.0,
        200,
        "a token that ended does not stand in the way of signing in"
    );
}

#[tokio::test]
async fn an_empty_budget_is_429_and_says_when() {
    let server = Server::start(|settings| {
        settings.budget.account_points = 1_000;
        settings.budget.account_per_second = 1;
    })
    .await;
    let dear = json!({ "query": "{ a: rows(first: 50) }" });
    let (_, body) = answer(server.post(&dear)).await;
    assert_eq!(body["data"]["a"].as_array().map(Vec::len), Some(50));
    let (status, body) =
        answer(server.post(&json!({ "query": "{ hello __schema { types { fields { name } } } }" }))).await;
    assert_eq!(status, 200, "{body}");
    let mut status = 200;
    for _ in 0..1_100 {
        let response = server.post(&json!({ "query": "{ hello }" })).send().await.unwrap();
        status = response.status().as_u16();
        if status == 429 {
            assert_eq!(response.headers()["retry-after"].to_str().unwrap(), "1");
            let body: Value = response.json().await.unwrap();
            assert!(
                body["errors"][0]["extensions"]["retryAfterMs"]
                    .as_u64()
                    .is_some_and(|wait| wait <= 1_000)
            );
            break;
        }
    }
    assert_eq!(status, 429);
}

#[tokio::test]
async fn a_slow_answer_ends_and_overload_is_told() {
    let server = Server::start(|settings| {
        settings.request_timeout = Duration::from_millis(200);
        settings.operations_at_once = 1;
    })
    .await;
    let (status, body) = answer(server.post(&json!({ "query": "{ slow }" }))).await;
    assert_eq!((status, code(&body)), (503, "TIMEOUT"));
    let (status, body) = answer(server.post(&json!({ "query": "{ hello }" }))).await;
    assert_eq!((status, code(&body)), (503, "OVERLOADED"), "the slow one still runs");
}

#[tokio::test]
async fn a_client_that_leaves_does_not_stop_its_mutation() {
    let server = Server::start(|_| {}).await;
    let before = WRITTEN.load(Ordering::SeqCst);
    let request = server
        .post(&json!({ "query": "mutation { write }" }))
        .timeout(Duration::from_millis(100));
    assert!(request.send().await.is_err_and(|error| error.is_timeout()));
    for _ in 0..40 {
        if WRITTEN.load(Ordering::SeqCst) > before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the mutation did not come to its end");
}

#[tokio::test]
async fn language_and_origin_are_read() {
    let server = Server::start(|settings| settings.origins.push("https://office.example".to_owned())).await;
    let asked = server
        .post(&json!({ "query": "{ language }" }))
        .header("accept-language", "en-GB,zh;q=0.5");
    assert_eq!(answer(asked).await.1["data"]["language"], "en");
    let preflight = |origin: &'static str| {
        Client::new()
            .request(reqwest::Method::OPTIONS, server.url("/graphql"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .send()
    };
    let response = preflight("https://office.example").await.unwrap();
    assert_eq!(
        response.headers()["access-control-allow-origin"],
        "https://office.example"
    );
    let response = preflight("https://other.example").await.unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            response.headers().get("access-control-allow-origin")
        ),
        (405, None)
    );
}

#[tokio::test]
async fn health_keys_counters_and_the_page_are_there() {
    let server = Server::start(|_| {}).await;
    let get = async |path: &str| {
        let response = reqwest::get(server.url(path)).await.unwrap();
        (
            response.status().as_u16(),
            response.headers().clone(),
            response.text().await.unwrap(),
        )
    };
    assert_eq!(get("/healthz").await.0, 200);
    assert_eq!(get("/readyz").await.0, 200);
    assert_eq!(get("/.well-known/jwks.json").await.2, "{\"keys\":[]}");
    answer(server.post(&json!({ "query": "{ hello }" }))).await;
    let counters = get("/metrics").await.2;
    assert!(
        counters.contains("orglife_graphql_requests_total{transport=\"http\",outcome=\"answered\"} 1"),
        "{counters}"
    );
    let (status, headers, page) = get("/graphiql/").await;
    assert_eq!(status, 200);
    assert!(
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );
    assert!(page.contains("orglife"));
    assert_eq!(get("/graphiql/../Cargo.toml").await.0, 404);
}

#[tokio::test]
async fn what_tools_ask_of_the_schema_passes() {
    let server = Server::start(|_| {}).await;
    let types = "kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";
    let query = format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name kind }} mutationType {{ name kind }} subscriptionType {{ name kind }} \
         types {{ ...FullType }} directives {{ name description isRepeatable locations args(includeDeprecated: true) {{ ...InputValue }} }} }} }} \
         fragment FullType on __Type {{ kind name description specifiedByURL isOneOf fields(includeDeprecated: true) {{ name description args(includeDeprecated: true) {{ ...InputValue }} type {{ ...TypeRef }} isDeprecated deprecationReason }} \
         inputFields(includeDeprecated: true) {{ ...InputValue }} interfaces {{ ...TypeRef }} enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} possibleTypes {{ ...TypeRef }} }} \
         fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue isDeprecated deprecationReason }} \
         fragment TypeRef on __Type {{ {types} }}"
    );
    let (status, body) = answer(server.post(&json!({ "query": query }))).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body.get("errors"), None);
}

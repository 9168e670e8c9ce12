//! Pages for a browser: it sends no bearer token by itself, so a one-time link may stand in for it.

use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use domain::vocabulary::Language;

use super::beside::{away, beside};
use super::budget::Payer;
use super::code::{Code, Refusal};
use super::executor::{Credentials, GraphqlExecutor};
use super::graphql::{MediaType, asked_language, bearer, recognise, refusal_response, request_id_of};
use super::peer;
use super::shared::Node;

/// What a page costs of the budget: it reads a year of an org.
const COST: u64 = 500;
/// What is shown for a page that is not there, and for one that is not the reader's to see.
const ABSENT: &str = "<!doctype html>\n<html><head><meta charset=\"utf-8\"><title>404</title></head>\
                      <body><p>没有此页 · There is no such page</p></body></html>\n";

/// Who asks for a page, and in which language.
pub struct PageAsk {
    pub bearer: Option<String>,
    pub link: Option<String>,
    pub organization_id: String,
    pub year: i32,
    /// As asked for; else the account's.
    pub language: Option<Language>,
}

/// A page, or why there is none.
pub enum PageAnswer {
    Found {
        html: String,
        /// `Content-Security-Policy` of the page.
        policy: String,
    },
    Absent,
    Unavailable,
}

/// `?link=…&lang=…`
#[derive(serde::Deserialize)]
pub struct Asked {
    link: Option<String>,
    lang: Option<String>,
}

/// `GET /register/{organization}/{year}`: an org's yearly register for the printer (G1.1f).
pub async fn register<E: GraphqlExecutor>(
    State(node): State<Node<E>>,
    Path((organization_id, year)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let id = request_id_of(&node, &parts);
    let client = peer::client_address(&parts, node.settings.proxies);
    let language = asked.lang.as_deref().and_then(|tag| tag.parse().ok());
    let language = language.or_else(|| asked_language(&parts.headers));
    let ask = async {
        let bearer = bearer(&parts.headers)?;
        let credentials = Credentials {
            bearer: bearer.clone(),
            language,
            client,
            at_once: false,
        };
        let caller = recognise(&node, credentials, false).await?;
        if caller.account.is_none() && asked.link.is_none() {
            return Err(Refusal::new(Code::Unauthenticated, "sign in first, or open a link"));
        }
        let payer = caller.account.map_or(Payer::Address(client), Payer::Account);
        node.budget.reserve(&payer, COST, (node.settings.clock)())?;
        Ok(PageAsk {
            bearer,
            link: asked.link,
            organization_id,
            year: year.parse().unwrap_or(i32::MIN),
            language,
        })
    };
    let answer = match ask.await {
        Ok(ask) => found(&node, ask).await,
        Err(refusal) => Err(refusal),
    };
    answer.unwrap_or_else(|refusal| refusal_response(refusal, &id, MediaType::Json))
}

async fn found<E: GraphqlExecutor>(node: &Node<E>, ask: PageAsk) -> Result<Response<Body>, Refusal> {
    match beside(node, (node.hooks.page)(ask)).await? {
        PageAnswer::Found { html, policy } => Ok(page(StatusCode::OK, html, &policy)),
        PageAnswer::Absent => Ok(page(StatusCode::NOT_FOUND, ABSENT.to_owned(), "default-src 'none'")),
        PageAnswer::Unavailable => Err(away()),
    }
}

fn page(status: StatusCode, html: String, policy: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

//! Pages by cursor: one far into a list against the first.

use std::time::Instant;

use serde_json::{Value, json};

use crate::figures::Durations;
use crate::node::{City, Client};
use crate::say;

const MEMBERS: &str =
    "query($after: String, $within: OrganizationScopeInput!) { members(within: $within, first: 50, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { id name standing branch { id name } } } }";
const SKIP: &str =
    "query($after: String, $within: OrganizationScopeInput!) { members(within: $within, first: 100, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { id } } }";

#[derive(clap::Args)]
pub struct Args {
    /// Whose list: everybody this account sees below its org.
    #[arg(long, default_value = "county-organization")]
    account: String,
    /// Pages of a hundred between the first page and the deep one.
    #[arg(long, default_value_t = 300)]
    deep: usize,
    #[arg(long, default_value_t = 200)]
    times: usize,
}

async fn page(client: &Client, query: &str, within: &Value, after: &Value) -> anyhow::Result<Value> {
    let mut data = client.data(query, json!({"after": after, "within": within})).await?;
    Ok(data["members"]["pageInfo"].take())
}

/// The first page and a deep one in turns.
pub async fn run(city: City, args: Args) -> anyhow::Result<()> {
    let client = city.client(&args.account)?;
    let within = json!({"subtreeOf": city.field(&args.account, "organizationId")?});
    let (mut after, mut passed) = (Value::Null, 0);
    while passed < args.deep {
        let info = page(&client, SKIP, &within, &after).await?;
        if info["hasNextPage"] != true {
            break;
        }
        after = info["endCursor"].clone();
        passed += 1;
    }
    anyhow::ensure!(passed > 0, "the list has one page only");
    let (mut first, mut deep) = (Durations::default(), Durations::default());
    for _ in 0..args.times {
        for (after, took) in [(&Value::Null, &mut first), (&after, &mut deep)] {
            let begun = Instant::now();
            page(&client, MEMBERS, &within, after).await?;
            took.push(begun.elapsed());
        }
    }
    say(&format!("the first page of 50:              {}", first.line()));
    say(&format!(
        "a page behind {:6} rows:         {}",
        passed * 100,
        deep.line()
    ));
    let ratio = deep.hundredth(50).as_secs_f64() / first.hundredth(50).as_secs_f64();
    say(&format!("deep page: {ratio:.2} × the first (medians)"));
    Ok(())
}

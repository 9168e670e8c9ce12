use super::DemoArgs;

/// `orglife demo`.
pub async fn demo(args: DemoArgs) -> anyhow::Result<()> {
    let _ = (args.accounts_file, args.seed);
    super::serve::serve(args.store, args.listen).await
}

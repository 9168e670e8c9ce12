use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match api::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "orglife: {}", api::cli::line(&error));
            ExitCode::FAILURE
        }
    }
}

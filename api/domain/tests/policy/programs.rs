//! What programs may do: service accounts, and what imports and exports do for them.

use domain::policy::RefusalCode as Code;
use domain::policy::{Action, permit};
use domain::vocabulary::{Post, ServiceScope};

use crate::acts::{at, refused};
use crate::tree::{administrator, holder, member, place, service};

#[test]
fn service_accounts_and_administrators_decide_nothing_about_members() {
    let all = service("city", ServiceScope::ALL);
    let person = at("branch").about("mbr_x").decided_collectively();
    for action in [
        Action::DecideLeave,
        Action::ConfirmMeasure,
        Action::DecideAdmission,
        Action::RevealIdentity,
    ] {
        assert!(permit(&all, action, &person).is_err(), "{}", action.as_str());
        assert!(
            permit(&administrator(), action, &person)
                .expect_err("refused")
                .hides_the_object()
        );
    }
    assert!(permit(&all, Action::RecordMember, &person).is_ok());
    assert!(permit(&service("county2", ServiceScope::ALL), Action::RecordMember, &person).is_err());
    assert!(permit(&administrator(), Action::LoadRulebook, &at("city")).is_ok());
}

#[test]
fn an_import_records_decisions_below_its_org_and_a_program_by_itself_none() {
    let scopes = [ServiceScope::OrgsRead, ServiceScope::ImportsRun];
    let (program, import) = (service("county", &scopes), service("county", &scopes).importing());
    let decided = |place: &str| at(place).decided_collectively();
    for action in [
        Action::CreateOrganization,
        Action::RenameOrganization,
        Action::ConfirmSecretary,
        Action::EndPost,
    ] {
        assert!(
            permit(&import, action, &decided("branch")).is_ok(),
            "{}",
            action.as_str()
        );
        assert!(
            permit(&program, action, &decided("branch")).is_err(),
            "{}",
            action.as_str()
        );
        // The decision that it records has to be named.
        assert_eq!(
            refused(&import, action, &at("branch")),
            Code::CollectiveDecisionRequired
        );
        assert!(
            permit(&import, action, &decided("county2")).is_err(),
            "{}",
            action.as_str()
        );
    }
    assert_eq!(
        refused(&import, Action::DissolveOrganization, &decided("county")),
        Code::MissingRight
    );
    assert_eq!(
        refused(&import, Action::AppointOrganStaff, &decided("county")),
        Code::MissingRight
    );
    let reader = service("county", &[ServiceScope::OrgsRead]).importing();
    assert_eq!(
        refused(&reader, Action::CreateOrganization, &decided("branch")),
        Code::MissingRight
    );
    let to = |place_name: &str| decided("branch").leading_to(place(place_name));
    assert!(permit(&import, Action::MoveOrganization, &to("county")).is_ok());
    assert!(
        permit(&import, Action::MoveOrganization, &to("county2")).is_err(),
        "not out of its subtree"
    );
    for person in [holder(Post::Secretary, "branch"), administrator()] {
        let (before, after) = (
            permit(&person, Action::CreateOrganization, &decided("town")).is_ok(),
            permit(
                &person.clone().importing(),
                Action::CreateOrganization,
                &decided("town"),
            )
            .is_ok(),
        );
        assert_eq!(before, after, "people act in their posts");
    }
}

#[test]
fn an_export_is_run_by_a_program_with_the_scope_in_its_own_subtree_and_by_nobody_else() {
    let act = Action::RunExport;
    let program = |org| service(org, &[ServiceScope::ExportsRun]);
    assert!(permit(&program("county"), act, &at("county")).is_ok());
    assert!(permit(&program("county"), act, &at("branch")).is_ok());
    assert_eq!(refused(&program("town"), act, &at("county")), Code::NotVisible);
    let reader = service("county", &[ServiceScope::OrgsRead, ServiceScope::MembersRead]);
    assert_eq!(refused(&reader, act, &at("county")), Code::MissingRight);
    for person in [
        holder(Post::Secretary, "county"),
        member("mbr_a", "branch", None),
        administrator(),
    ] {
        assert_eq!(refused(&person, act, &at("branch")), Code::MissingRight);
    }
}

#[test]
fn an_export_holds_what_the_account_reads_at_that_place() {
    use domain::export::{Contents, lacking};
    use domain::vocabulary::{ExportKind, SealedField};
    let (kinds, fields) = (ExportKind::ALL, SealedField::ALL);
    let missing = |scopes: &[ServiceScope], place: &str| {
        let found = lacking(&service("county", scopes), &at(place), Contents { kinds, fields });
        found.into_iter().map(|(path, _)| path).collect::<Vec<_>>()
    };
    use ServiceScope as S;
    assert!(missing(S::ALL, "branch").is_empty());
    assert_eq!(missing(S::ALL, "city").len(), 8, "not above");
    let sealed = ["fields.0", "fields.1", "fields.2", "fields.3"];
    assert_eq!(
        missing(&[S::OrgsRead, S::MembersRead, S::ActivitiesRead], "branch"),
        sealed
    );
    // Who writes what is sealed sees it masked.
    assert_eq!(
        missing(
            &[S::OrgsRead, S::MembersWrite, S::MembersRead, S::ActivitiesRead],
            "branch"
        ),
        sealed
    );
    let without = [&["kinds.1", "kinds.3"][..], &sealed].concat();
    assert_eq!(missing(&[S::OrgsRead], "branch"), without);
}

#[test]
fn an_import_is_run_by_a_program_with_the_scope_in_its_own_subtree_and_needs_the_right_to_what_it_writes() {
    use domain::import::may_run;
    use domain::vocabulary::ImportKind;
    let act = Action::RunImport;
    let program = |scopes: &[ServiceScope]| service("county", scopes);
    let alone = program(&[ServiceScope::ImportsRun, ServiceScope::OrgsRead]);
    assert!(permit(&alone, act, &at("branch")).is_ok());
    assert!(permit(&alone, act, &at("city")).is_err());
    let writer = program(&[
        ServiceScope::OrgsRead,
        ServiceScope::MembersRead,
        ServiceScope::MembersWrite,
    ]);
    assert_eq!(refused(&writer, act, &at("county")), Code::MissingRight);
    for person in [
        holder(Post::Secretary, "county"),
        member("mbr_a", "branch", None),
        administrator(),
    ] {
        assert_eq!(refused(&person, act, &at("branch")), Code::MissingRight);
    }
    let lacks = |actor, kind| may_run(actor, kind, &at("county")).err().map(|(field, _)| field);
    assert_eq!(lacks(&alone, ImportKind::Member), Some("kind"));
    assert_eq!(lacks(&alone, ImportKind::Organization), None);
    assert_eq!(lacks(&writer, ImportKind::Member), Some("within"));
    let all = program(ServiceScope::ALL);
    assert_eq!(lacks(&all, ImportKind::Member), None);
    assert_eq!(lacks(&all, ImportKind::Activity), None);
}

#[test]
fn only_an_import_records_departures_for_a_program_and_only_decided_ones() {
    let all = service("county", ServiceScope::ALL);
    let person = at("branch").about("mbr_x");
    assert_eq!(
        refused(&all, Action::ImportDeparture, &person),
        Code::CollectiveDecisionRequired
    );
    assert!(permit(&all, Action::ImportDeparture, &person.clone().decided_collectively()).is_ok());
    assert!(permit(&all, Action::ImportDeath, &person).is_ok());
    assert!(permit(&all, Action::ImportTransfer, &person).is_ok());
    for act in [Action::RecordDeparture, Action::RecordDeath, Action::RequestTransfer] {
        assert!(
            permit(&all, act, &person.clone().decided_collectively()).is_err(),
            "{}",
            act.as_str()
        );
    }
    let head = holder(Post::Secretary, "branch");
    for act in [Action::ImportDeparture, Action::ImportDeath, Action::ImportTransfer] {
        assert!(
            permit(&head, act, &person.clone().decided_collectively()).is_err(),
            "{}",
            act.as_str()
        );
    }
}

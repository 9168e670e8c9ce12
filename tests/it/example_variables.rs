//! Who runs which example, and with which variables: all of them found by asking, none written down.

mod cases;

use serde_json::{Value, json};
use tests::Server;

pub use cases::{Case, MUTATIONS, QUERIES};

/// When the demo city stands: counts of statements can only be compared in the same city.
pub const CLOCK: &str = "2026-11-10T02:00:00Z";

fn now() -> chrono::DateTime<chrono::Utc> {
    CLOCK.parse().expect("an instant")
}

/// Today in the demo city.
fn today() -> chrono::NaiveDate {
    (now() + chrono::Duration::hours(8)).date_naive()
}

/// What earlier answers brought.
#[derive(Default)]
pub struct Sought {
    refresh_token: Value,
    activity: Value,
    leave: Value,
    deviation: Value,
    organization: Value,
    alert: Value,
    admission: Value,
    transfer: Value,
    unit: Value,
    change: Value,
    appointment: Value,
    webhook: Value,
    keys: u32,
}

const ACTIVITIES: &str = "query($o: ID!, $from: Date!, $to: Date!) { organization(id: $o) {
    activities(from: $from, to: $to, first: 100) { nodes { id status } } } }";
const ATTENDANCE: &str =
    "query($id: ID!) { activity(id: $id) { expected(first: 100) { nodes { id member { id } } } } }";
const OBLIGATIONS: &str =
    "query($o: ID!) { obligations(within: {exactly: $o}, statuses: [OPEN, DUE_SOON, OVERDUE], first: 100) {
    nodes { id viewerCan(actions: [ASK_DEVIATION]) { allowed } } } }";
const ALERTS: &str = "query($o: ID!) { alerts(within: {childrenOf: $o}, open: true, first: 100) {
    nodes { id viewerCan(actions: [ACKNOWLEDGE, URGE]) { allowed } } } }";
const OPEN_MEASURES: &str = "query($o: ID!) { measures(within: {exactly: $o}, states: [OPEN], first: 20) {
    nodes { id version viewerCan(actions: [CONFIRM, DISMISS]) { allowed } } } }";
const PEOPLE: &str = "query($o: ID!) { organization(id: $o) { children(first: 10) { nodes { id } } }
    members(within: {exactly: $o}, first: 100) { nodes { id version standing status group { id } exemptions { id } } } }";
const HEADLESS: &str = "query($o: ID!) { organizations(within: {subtreeOf: $o}, first: 100) {
    nodes { id kind secretary { id } } } }";
const KNOWN_ELSEWHERE: &str = "query($o: ID!) { members(within: {subtreeOf: $o}, first: 100) {
    nodes { externalIds { system value } } } }";
const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id version } userErrors { code } } }";

#[track_caller]
fn first(list: &Value, fits: impl Fn(&Value) -> bool) -> &Value {
    let found = list.as_array().and_then(|items| items.iter().find(|item| fits(item)));
    found.unwrap_or_else(|| panic!("nothing fits in {list}"))
}

fn with(mut input: Value, more: &Value) -> Value {
    let (Some(into), Some(more)) = (input.as_object_mut(), more.as_object()) else {
        panic!("an input is an object")
    };
    into.extend(more.clone());
    json!({ "input": input })
}

impl Sought {
    /// Keeps what later examples need.
    pub fn remember(&mut self, name: &str, data: &Value) {
        let at = |pointer: &str| data.pointer(pointer).cloned().unwrap_or_default();
        match name {
            "account/SignIn" => self.refresh_token = at("/signIn/refreshToken"),
            "account/Refresh" => self.refresh_token = at("/refresh/refreshToken"),
            "secretary/Schedule" => self.activity = at("/scheduleActivity/activity"),
            "secretary/Reschedule" => self.activity = at("/rescheduleActivity/activity"),
            "secretary/Record" => self.activity = at("/recordActivity/activity"),
            "mobile/AskLeave" => self.leave = at("/askLeave/leave"),
            "secretary/AskDeviation" => self.deviation = at("/askDeviation/deviation"),
            "secretary/ProposeAdmission" => self.admission = at("/proposeAdmission/admission"),
            "secretary/RequestTransfer" => self.transfer = at("/requestTransfer/transfer"),
            "dashboard/Appoint" => self.appointment = at("/appoint/appointment"),
            "dashboard/CreateOrganization" => self.organization = at("/createOrganization/organization"),
            "dashboard/RenameOrganization" => self.organization = at("/renameOrganization/organization"),
            "dashboard/RecordOrganizationFacts" => {
                self.organization = at("/recordOrganizationFacts/organization");
            }
            "integrator/AssignExternalId" => self.organization["version"] = at("/assignExternalId/subject/version"),
            "integrator/EndExternalId" => {
                let version = self.organization["version"].as_i64().unwrap_or_default() + 1;
                self.organization["version"] = json!(version);
            }
            "secretary/CreateActivityUnit" => self.unit = at("/createActivityUnit/unit"),
            "secretary/RenameActivityUnit" => self.unit = at("/renameActivityUnit/unit"),
            "mobile/AskIdentityChange" => self.change = at("/askIdentityChange/identityChange"),
            "integrator/CreateWebhook" => self.webhook = at("/createWebhook/webhook"),
            "integrator/PauseWebhook" => self.webhook["version"] = at("/pauseWebhook/webhook/version"),
            "dashboard/MoveOrganization" => self.organization = at("/moveOrganization/organization"),
            _ => {}
        }
    }

    /// The variables of an example for who runs it.
    pub async fn variables(&mut self, server: &Server, user: &str, name: &str) -> Value {
        self.keys += 1;
        let key = json!({"idempotencyKey": format!("example-{}", self.keys)});
        let own = if user == "nobody" {
            String::new()
        } else {
            server.account(user, "organizationId")
        };
        let year = chrono::Datelike::year(&today());
        let period = json!({"organization": own, "period": {"kind": "YEAR"}});
        match name {
            "account/WhoAmI" | "account/Rulebook" | "integrator/Here" | "integrator/Webhooks" => json!({}),
            "account/MayI" | "secretary/Activity" => json!({"id": held(server, user, &own).await}),
            "mobile/Home" | "mobile/MyAttendance" => json!({ "year": year }),
            "mobile/MyMeasures" => json!({}),
            "mobile/WhoSawMe" => {
                self.see(server, user).await;
                json!({})
            }
            "integrator/ByExternalId" => {
                let found = server.client(user).data(KNOWN_ELSEWHERE, json!({"o": own})).await;
                let known = first(&found["members"]["nodes"], |node| node["externalIds"] != json!([]));
                known["externalIds"][0].clone()
            }
            "secretary/Obligations" | "secretary/Measures" => json!({ "organization": own }),
            "secretary/Activities" => {
                json!({"organization": own, "from": format!("{year}-01-01"), "to": format!("{year}-12-31")})
            }
            "secretary/Register" => json!({"organization": own, "year": year}),
            "secretary/Roster" | "dashboard/ObligationBoard" | "dashboard/Alerts" => {
                json!({"within": {"subtreeOf": own}})
            }
            "dashboard/Tree" => period,
            "dashboard/LastYear" => json!({"organization": own, "date": format!("{}-12-31", year - 1)}),
            "integrator/ExportJob" => json!({"id": crate::exports::completed(server, user, &own).await}),
            "integrator/ImportJob" => json!({"id": crate::imports::done_by(server, user).await}),
            "integrator/StartImport" => {
                let file = crate::imports::sent_by(server, user).await;
                let input = json!({"fileId": file, "kind": "MEMBER", "format": "CSV", "dryRun": true});
                with(input, &key)
            }
            "integrator/StartExport" => {
                let input = json!({"kinds": ["ORGANIZATION", "MEMBER"], "within": {"subtreeOf": own}, "format": "CSV"});
                with(input, &key)
            }
            "integrator/Several" => json!({"ids": [own, server.account("city-secretary", "organizationId")]}),
            "account/SignIn" => {
                let password = server.account("branch-secretary", "password");
                json!({"input": {"username": "branch-secretary", "password": password}})
            }
            "account/Refresh" | "account/SignOut" => json!({"input": {"refreshToken": self.refresh_token}}),
            "secretary/ConfirmMeasure" | "secretary/DismissMeasure" => with(
                decision_on_measure(server, user, &own, name.contains("Confirm")).await,
                &key,
            ),
            "secretary/SetExemption" | "secretary/Reveal" | "secretary/AssignGroup" => {
                with(roster(server, user, name, &own).await, &key)
            }
            "dashboard/Appoint" | "dashboard/EndAppointment" => with(self.post(server, user, name, &own).await, &key),
            _ if name.ends_with("Admission") || name.ends_with("Transfer") => {
                with(self.people(server, user, name, &own).await, &key)
            }
            _ if name.ends_with("ActivityUnit")
                || name.ends_with("ExternalId")
                || ["account/SetLanguage", "integrator/Upsert"].contains(&name) =>
            {
                with(self.naming(server, user, name, &own).await, &key)
            }
            _ if name.contains("Webhook") => with(self.telling(server, name).await, &key),
            _ if name.ends_with("IdentityChange") => with(self.identity(server, name).await, &key),
            _ if name.starts_with("dashboard/") => with(self.oversight(server, user, name, &own).await, &key),
            _ => with(self.organizational_life(server, user, name, &own).await, &key),
        }
    }

    /// What an administrator does with a webhook of the county's program, at an address where nobody is.
    async fn telling(&self, server: &Server, name: &str) -> Value {
        let id = &self.webhook["id"];
        match name {
            "integrator/CreateWebhook" => json!({"accountId": server.account("county-service", "clientId"),
                "url": "http://127.0.0.1:49152/hook", "types": ["MEMBER"]}),
            "integrator/ChangeWebhook" => json!({"webhookId": id, "expectedVersion": self.webhook["version"],
                "types": ["MEMBER", "ORGANIZATION"]}),
            "integrator/ReplayWebhook" => {
                let here = server
                    .client("county-service")
                    .data("{ log { cursor } }", json!({}))
                    .await;
                json!({"webhookId": id, "from": here["log"]["cursor"]})
            }
            _ => json!({ "webhookId": id }),
        }
    }

    async fn organizational_life(&mut self, server: &Server, user: &str, name: &str, own: &str) -> Value {
        let activity = &self.activity;
        let soon = now() + chrono::Duration::minutes(20);
        match name {
            "secretary/Schedule" => json!({"organizationId": own, "kind": "BRANCH_GENERAL_MEETING", "startsAt": soon,
                "place": "会议室", "checkIn": true, "agenda": [{"kind": "STUDY", "title": "学习"}]}),
            "secretary/Reschedule" => json!({"activityId": activity["id"], "expectedVersion": activity["version"],
                "startsAt": soon, "place": "二楼会议室"}),
            "mobile/AskLeave" => json!({"activityId": activity["id"], "category": "WORK"}),
            "secretary/DecideLeave" => json!({"leaveId": self.leave["id"], "accept": true}),
            "mobile/CheckIn" => {
                let query = "query($id: ID!) { activity(id: $id) { checkIn { code } } }";
                let found = server
                    .client("branch-secretary")
                    .data(query, json!({"id": activity["id"]}))
                    .await;
                json!({"activityId": activity["id"], "code": found["activity"]["checkIn"]["code"]})
            }
            "secretary/Cancel" => json!({"activityId": activity["id"], "reason": "另行安排"}),
            "secretary/Record" => {
                let absent = [
                    myself(server, "branch-deputy").await,
                    myself(server, "branch-committee").await,
                ];
                json!({"organizationId": own, "kind": "BRANCH_GENERAL_MEETING", "startsAt": soon - chrono::Duration::days(1),
                    "endsAt": soon - chrono::Duration::hours(22), "place": "会议室", "minutes": "讨论了下季度安排。",
                    "exceptions": absent.map(|id| json!({"memberId": id, "state": "ABSENT"}))})
            }
            "secretary/Correct" => json!({"activityId": activity["id"], "expectedVersion": activity["version"],
                "minutes": "讨论并通过了下季度安排。", "reason": "补记结果",
                "exceptions": [{"memberId": myself(server, "branch-deputy").await, "state": "ABSENT"},
                               {"memberId": myself(server, "branch-committee").await, "state": "ABSENT"}]}),
            "mobile/Dispute" => {
                json!({"attendanceId": self.attendance(server, user).await, "words": "当日在岗值班。"})
            }
            "secretary/AcceptMakeUpStudy" => json!({"attendanceId": self.attendance(server, "branch-committee").await}),
            "secretary/AskDeviation" => {
                let found = server.client(user).data(OBLIGATIONS, json!({"o": own})).await;
                let owed = first(&found["obligations"]["nodes"], |node| {
                    node["viewerCan"][0]["allowed"] == true
                });
                json!({"obligationId": owed["id"], "reason": "农忙", "newDate": today() + chrono::Days::new(60)})
            }
            _ => panic!("no variables for {name}"),
        }
    }

    async fn naming(&self, server: &Server, user: &str, name: &str, own: &str) -> Value {
        let (org, unit) = (&self.organization, &self.unit);
        match name {
            "integrator/Upsert" => {
                let named = |value: &str| json!({"external": {"system": "county-platform", "value": value}});
                let row = |value: &str, name: &str| {
                    json!({"member": named(value), "branch": {"id": own}, "name": name, "standing": "PROBATIONARY",
                        "joinedOn": "2026-10-09"})
                };
                json!({"rows": [row("P-0101", "甘新程"), row("P-0102", "甘新禾")]})
            }
            "integrator/AssignExternalId" | "integrator/EndExternalId" => {
                json!({"subject": {"organizationId": org["id"]}, "system": "county-platform", "value": "C-0001"})
            }
            "secretary/CreateActivityUnit" => json!({"organizationId": own, "kind": "SECTION", "name": "文书科"}),
            "secretary/RenameActivityUnit" => {
                json!({"unitId": unit["id"], "expectedVersion": unit["version"], "name": "文秘科"})
            }
            "secretary/CloseActivityUnit" => json!({"unitId": unit["id"], "expectedVersion": unit["version"]}),
            _ => {
                let query = "{ viewer { account { version } } }";
                let found = server.client(user).data(query, json!({})).await;
                json!({"language": "en", "expectedVersion": found["viewer"]["account"]["version"]})
            }
        }
    }

    async fn identity(&self, server: &Server, name: &str) -> Value {
        let change = &self.change;
        match name {
            "mobile/AskIdentityChange" => json!({"field": "ADDRESS", "value": "云泽市示例路一号"}),
            "secretary/RevealIdentityChange" => json!({"identityChangeId": change["id"], "purpose": "VERIFICATION"}),
            "secretary/ConfirmIdentityChange" => {
                json!({"identityChangeId": change["id"], "expectedVersion": change["version"]})
            }
            _ => {
                let ask = "mutation($input: AskIdentityChangeInput!) { askIdentityChange(input: $input) { identityChange { id version } } }";
                let input =
                    json!({"field": "ADDRESS", "value": "云泽市示例路二号", "idempotencyKey": "example-second-change"});
                let made = server.client("member").data(ask, json!({ "input": input })).await;
                let change = &made["askIdentityChange"]["identityChange"];
                json!({"identityChangeId": change["id"], "expectedVersion": change["version"], "reason": "与证件不符"})
            }
        }
    }

    /// Somebody reveals a field of the member behind an account, who may read that afterwards.
    async fn see(&mut self, server: &Server, user: &str) {
        self.keys += 1;
        let (member, key) = (myself(server, user).await, format!("example-seen-{}", self.keys));
        let secretary = server.client("branch-secretary");
        let shown = crate::sealed::reveal(&secretary, &member, "IDENTITY_NUMBER", &key).await;
        assert_eq!(shown["userErrors"], json!([]), "{shown}");
    }

    /// The secretary's post that stands vacant is filled, and ends again.
    async fn post(&mut self, server: &Server, user: &str, name: &str, own: &str) -> Value {
        let decision = json!({"decidedOn": today(), "documentNumber": "试任〔2026〕4号"});
        if name == "dashboard/EndAppointment" {
            let post = &self.appointment;
            return json!({"appointmentId": post["id"], "expectedVersion": post["version"], "decision": decision});
        }
        let client = server.client(user);
        let found = client.data(HEADLESS, json!({"o": own})).await;
        let branch = &first(&found["organizations"]["nodes"], |node| {
            node["kind"] == "BRANCH" && node["secretary"].is_null()
        })["id"];
        let people = client.data(PEOPLE, json!({"o": branch})).await;
        let plain = first(&people["members"]["nodes"], |node| {
            node["standing"] == "FULL" && node["status"] == "ACTIVE"
        });
        json!({"organizationId": branch, "memberId": plain["id"], "post": "SECRETARY", "decision": decision,
            "since": today() - chrono::Days::new(7)})
    }

    async fn people(&mut self, server: &Server, user: &str, name: &str, own: &str) -> Value {
        let decision = json!({"decidedOn": today(), "documentNumber": "试〔2026〕3号"});
        match name {
            "secretary/ProposeAdmission" => {
                let client = server.client(user);
                let person = crate::admission::prospect(&client, own, "example-prospect").await;
                json!({"applicantId": person["id"], "decision": decision})
            }
            "dashboard/DecideAdmission" => {
                json!({"admissionId": self.admission["id"], "expectedVersion": self.admission["version"],
                    "approved": true, "decision": decision})
            }
            "secretary/RequestTransfer" => ask_transfer(server, user, own, 0).await,
            "secretary/AcceptTransfer" => {
                json!({"transferId": self.transfer["id"], "expectedVersion": self.transfer["version"]})
            }
            _ => {
                let from = server.account("village-secretary", "organizationId");
                let asked = ask_transfer(server, "village-secretary", &from, 1).await;
                let asked = with(asked, &json!({"idempotencyKey": "example-second-transfer"}));
                let client = server.client("village-secretary");
                let made = client.data(crate::transfers::REQUEST, asked).await;
                let transfer = &made["requestTransfer"]["transfer"];
                json!({"transferId": transfer["id"], "expectedVersion": transfer["version"], "reason": "编制已满"})
            }
        }
    }

    /// The attendance of the member behind an account at the activity just recorded.
    async fn attendance(&self, server: &Server, user: &str) -> Value {
        let member = myself(server, user).await;
        let found = server
            .client("branch-secretary")
            .data(ATTENDANCE, json!({"id": self.activity["id"]}))
            .await;
        first(&found["activity"]["expected"]["nodes"], |node| {
            node["member"]["id"] == member
        })["id"]
            .clone()
    }

    async fn oversight(&mut self, server: &Server, user: &str, name: &str, own: &str) -> Value {
        let decision = json!({"decidedOn": today(), "documentNumber": "试〔2026〕2号"});
        let org = &self.organization;
        match name {
            "dashboard/DecideDeviation" => json!({"deviationId": self.deviation["id"], "accepted": true}),
            "dashboard/Acknowledge" | "dashboard/Urge" => {
                if self.alert.is_null() {
                    let found = server.client(user).data(ALERTS, json!({"o": own})).await;
                    let can = |node: &Value| (0..2).all(|at| node["viewerCan"][at]["allowed"] == true);
                    self.alert = first(&found["alerts"]["nodes"], can)["id"].clone();
                }
                if name == "dashboard/Urge" {
                    return json!({"alertIds": [self.alert], "note": "请尽快安排", "dueOn": today() + chrono::Days::new(14)});
                }
                json!({"alertIds": [self.alert]})
            }
            "dashboard/CreateOrganization" => json!({"parentId": own, "name": "新设党委", "kind": "PRIMARY_COMMITTEE",
                "sector": "ORGAN", "reason": "新设", "decision": decision}),
            "dashboard/RenameOrganization" => {
                json!({"id": org["id"], "expectedVersion": org["version"], "name": "更名党委",
                "reason": "更名", "decision": decision})
            }
            "dashboard/RecordOrganizationFacts" => {
                json!({"id": org["id"], "expectedVersion": org["version"], "approves": true, "reason": "授予审批权",
                    "decision": decision})
            }
            "dashboard/MoveOrganization" => {
                let county = server.account("county-organization", "organizationId");
                let input = json!({"parentId": county, "name": "新设工委", "kind": "WORKING_COMMITTEE", "sector": "ORGAN",
                    "reason": "新设", "decision": decision, "idempotencyKey": "example-parent"});
                let made = server
                    .client("county-organization")
                    .data(CREATE, json!({"input": input}))
                    .await;
                json!({"id": org["id"], "expectedVersion": org["version"], "reason": "调整", "decision": decision,
                    "parentId": made["createOrganization"]["organization"]["id"]})
            }
            "dashboard/DissolveOrganization" => {
                let input = json!({"parentId": own, "name": "暂设党委", "kind": "PRIMARY_COMMITTEE", "sector": "ORGAN",
                    "reason": "新设", "decision": decision, "idempotencyKey": "example-empty"});
                let made = server.client(user).data(CREATE, json!({ "input": input })).await;
                let org = &made["createOrganization"]["organization"];
                json!({"id": org["id"], "expectedVersion": org["version"], "reason": "撤销", "decision": decision})
            }
            _ => panic!("no variables for {name}"),
        }
    }
}

/// An open measure that the secretary may decide on.
async fn decision_on_measure(server: &Server, user: &str, own: &str, confirm: bool) -> Value {
    let found = server.client(user).data(OPEN_MEASURES, json!({"o": own})).await;
    let may = |node: &Value| node["viewerCan"][usize::from(!confirm)]["allowed"] == true;
    let measure = first(&found["measures"]["nodes"], may);
    let input = json!({"measureId": measure["id"], "expectedVersion": measure["version"]});
    let more = if confirm {
        json!({"talkedOn": today(), "words": "以后按时参加，有事提前请假。"})
    } else {
        json!({"reason": "当日抢险值班，事后已说明。"})
    };
    with(input, &more)["input"].take()
}

/// What a secretary does with somebody of the roster.
async fn roster(server: &Server, user: &str, name: &str, own: &str) -> Value {
    let found = server.client(user).data(PEOPLE, json!({"o": own})).await;
    let (people, member) = (&found["members"]["nodes"], myself(server, "member").await);
    match name {
        "secretary/Reveal" => {
            json!({"memberId": member, "field": "ADDRESS", "purpose": "VERIFICATION", "note": "核对住址"})
        }
        "secretary/AssignGroup" => {
            let person = first(people, |node| node["id"] == member);
            let group = first(&found["organization"]["children"]["nodes"], |node| {
                node["id"] != person["group"]["id"]
            });
            json!({"memberId": member, "expectedVersion": person["version"], "groupId": group["id"]})
        }
        _ => {
            let me = myself(server, user).await;
            let fits = |node: &Value| node["status"] == "ACTIVE" && node["exemptions"] == json!([]) && node["id"] != me;
            json!({"memberId": first(people, fits)["id"], "category": "CARE", "from": today(),
                "until": today() + chrono::Days::new(90),
                "decision": {"decidedOn": today(), "documentNumber": "试免〔2026〕5号"}})
        }
    }
}

/// That a plain member goes to the branch of another county.
async fn ask_transfer(server: &Server, user: &str, own: &str, nth: usize) -> Value {
    let member = crate::transfers::plain(&server.client(user), own, nth).await;
    let to = server.account("other-county-secretary", "organizationId");
    json!({"memberId": member, "fromId": own, "toId": to, "reason": "工作调动"})
}

async fn myself(server: &Server, user: &str) -> Value {
    let found = server
        .client(user)
        .data("{ viewer { member { id } } }", json!({}))
        .await;
    found["viewer"]["member"]["id"].clone()
}

/// An activity of the own org that was held.
async fn held(server: &Server, user: &str, own: &str) -> Value {
    let year = chrono::Datelike::year(&today());
    let days = json!({"o": own, "from": format!("{year}-01-01"), "to": format!("{year}-12-31")});
    let found = server.client(user).data(ACTIVITIES, days).await;
    first(&found["organization"]["activities"]["nodes"], |node| {
        node["status"] == "FILED"
    })["id"]
        .clone()
}

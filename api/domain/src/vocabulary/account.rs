//! Closed lists of accounts and of those who read.

use super::closed_list;

closed_list! {
    /// Kind of account 账号类别.
    AccountKind {
        /// Of a member, or of an applicant.
        Person = "PERSON",
        /// Of a program, with scopes.
        Service = "SERVICE",
        /// Accounts, keys and rulebooks; no content of members.
        Administrator = "ADMINISTRATOR",
    }
}

closed_list! {
    /// Scope of a service account; always cut to the subtree of one org.
    ServiceScope {
        OrgsRead = "orgs:read",
        MembersRead = "members:read",
        MembersReadSensitive = "members:read_sensitive",
        MembersWrite = "members:write",
        ActivitiesRead = "activities:read",
        ActivitiesWrite = "activities:write",
        EventsRead = "events:read",
        ExportsRun = "exports:run",
        ImportsRun = "imports:run",
        WebhooksManage = "webhooks:manage",
    }
}

closed_list! {
    /// Language of messages and labels.
    Language {
        ZhCn = "zh-CN",
        En = "en",
    }
}

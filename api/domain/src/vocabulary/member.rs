//! Closed lists of members and applicants.

use super::closed_list;

closed_list! {
    /// Standing of a member 党员身份.
    Standing {
        /// 正式党员
        Full = "FULL",
        /// 预备党员
        Probationary = "PROBATIONARY",
    }
}

closed_list! {
    /// Status of a member 党员状态.
    MemberStatus {
        /// Takes part here.
        Active = "ACTIVE",
        /// 流动党员
        Floating = "FLOATING",
        /// 失联党员
        OutOfContact = "OUT_OF_CONTACT",
        /// 停止党籍
        Suspended = "SUSPENDED",
        /// 已出党、去世或转出系统
        Left = "LEFT",
    }
}

closed_list! {
    /// Stage of an applicant 发展党员阶段.
    ApplicantStage {
        /// 入党申请人
        Applicant = "APPLICANT",
        /// 入党积极分子
        Activist = "ACTIVIST",
        /// 发展对象
        Prospect = "PROSPECT",
    }
}

closed_list! {
    /// How a member leaves the rosters of the city 减员.
    DepartureReason {
        /// 去世
        Deceased = "DECEASED",
        /// 开除党籍
        Expelled = "EXPELLED",
        /// 除名
        Removed = "REMOVED",
        /// 退党
        Withdrew = "WITHDREW",
        /// 转出本市
        TransferredOut = "TRANSFERRED_OUT",
    }
}

closed_list! {
    /// Field of a member that is sealed at rest and masked by default.
    SealedField {
        /// 身份证号
        IdentityNumber = "IDENTITY_NUMBER",
        /// The day of birth.
        BirthDate = "BIRTH_DATE",
        /// The address.
        Address = "ADDRESS",
        /// The phone number.
        Phone = "PHONE",
    }
}

closed_list! {
    /// What a masked field is revealed for.
    RevealPurpose {
        /// To reach the person.
        Contact = "CONTACT",
        /// To compare with a document.
        Verification = "VERIFICATION",
        /// A transfer of affiliation.
        Transfer = "TRANSFER",
        /// A report that the law or a superior asks for.
        Report = "REPORT",
        /// For another purpose; say which in the note.
        Other = "OTHER",
    }
}

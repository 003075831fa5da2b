"""Who may do what: the roles of the plan, and the permissions each holds in its area."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing that a route may demand."""

    HOME = "home.read"
    DIVISIONS = "division.read"
    REGISTRY_READ = "registry.read"
    REGISTRY_IMPORT = "registry.import"
    REGISTRY_UNMASK = "registry.unmask"
    PROPOSAL_DECIDE = "registry.proposal.decide"
    CAMPAIGN_READ = "campaign.read"
    CAMPAIGN_MANAGE = "campaign.manage"
    FORM_READ = "form.read"
    FORM_MANAGE = "form.manage"
    SUBMISSION_SEND = "submission.send"
    ASSIGNMENT_READ = "assignment.read"
    ASSIGNMENT_MANAGE = "assignment.manage"
    WORKER_MANAGE = "worker.manage"  # surveyors and checkers only; `people.manage` is everybody
    QUARANTINE = "quarantine.read"
    QUARANTINE_DECIDE = "quarantine.decide"
    EVIDENCE_READ = "evidence.read"
    EVIDENCE_EXPORT = "evidence.export"
    REVIEW = "evidence.review"  # accept, return or reject what phones sent; never one's own
    SPOT_CHECK_READ = "spot_check.read"
    SPOT_CHECK_DRAW = "spot_check.draw"
    SPOT_CHECK_SUBROUND = "spot_check.subround"  # the city's own draw within what a county has drawn
    SPOT_CHECK_APPROVE = "spot_check.approve"  # a second draw; counts only above the county
    PEOPLE_MANAGE = "people.manage"
    TOKEN_OWN = "token.own"  # noqa: S105 - the name of a permission
    AUDIT_READ = "audit.read"
    JOB_READ = "job.read"


class Role(StrEnum):
    """The roles of the plan (POLICY.md, 'Who does what')."""

    SURVEYOR = "surveyor"
    TOWNSHIP_REVIEWER = "township_reviewer"
    COUNTY_SUPERVISOR = "county_supervisor"
    SPOT_CHECKER = "spot_checker"
    CITY_INSPECTOR = "city_inspector"
    DISCIPLINE_INSPECTOR = "discipline_inspector"
    ADMINISTRATOR = "administrator"


ROLE_NAMES: dict[Role, str] = {
    Role.SURVEYOR: "乡镇调查员",
    Role.TOWNSHIP_REVIEWER: "乡镇审核员",
    Role.COUNTY_SUPERVISOR: "县级主管",
    Role.SPOT_CHECKER: "县级抽查员",
    Role.CITY_INSPECTOR: "市级督导",
    Role.DISCIPLINE_INSPECTOR: "纪检督查",
    Role.ADMINISTRATOR: "系统管理员",
}

_EVERYBODY = frozenset({Permission.HOME, Permission.DIVISIONS, Permission.CAMPAIGN_READ, Permission.TOKEN_OWN})
_FIELD = _EVERYBODY | {Permission.FORM_READ, Permission.SUBMISSION_SEND, Permission.EVIDENCE_READ}
_INSPECTION = _EVERYBODY | {
    Permission.REGISTRY_READ,
    Permission.ASSIGNMENT_READ,
    Permission.EVIDENCE_READ,
    Permission.EVIDENCE_EXPORT,
    Permission.REVIEW,
    Permission.SPOT_CHECK_READ,
    Permission.AUDIT_READ,
}

GRANTED: dict[Role, frozenset[Permission]] = {
    Role.SURVEYOR: _FIELD,
    Role.SPOT_CHECKER: _FIELD,
    Role.TOWNSHIP_REVIEWER: _EVERYBODY
    | {
        Permission.REGISTRY_READ,
        Permission.FORM_READ,
        Permission.ASSIGNMENT_READ,
        Permission.ASSIGNMENT_MANAGE,
        Permission.WORKER_MANAGE,
        Permission.EVIDENCE_READ,
        Permission.EVIDENCE_EXPORT,
        Permission.REVIEW,
        Permission.JOB_READ,
    },
    Role.COUNTY_SUPERVISOR: _INSPECTION
    | {
        Permission.REGISTRY_IMPORT,
        Permission.REGISTRY_UNMASK,
        Permission.PROPOSAL_DECIDE,
        Permission.CAMPAIGN_MANAGE,
        Permission.FORM_READ,
        Permission.ASSIGNMENT_MANAGE,
        Permission.WORKER_MANAGE,
        Permission.FORM_MANAGE,
        Permission.QUARANTINE,
        Permission.QUARANTINE_DECIDE,
        Permission.SPOT_CHECK_DRAW,
        Permission.JOB_READ,
    },
    Role.CITY_INSPECTOR: _INSPECTION | {Permission.SPOT_CHECK_SUBROUND, Permission.SPOT_CHECK_APPROVE},
    Role.DISCIPLINE_INSPECTOR: _INSPECTION | {Permission.REGISTRY_UNMASK},
    Role.ADMINISTRATOR: _EVERYBODY
    | {
        Permission.PEOPLE_MANAGE,
        Permission.WORKER_MANAGE,
        Permission.ASSIGNMENT_READ,
        Permission.AUDIT_READ,
        Permission.QUARANTINE,
        Permission.QUARANTINE_DECIDE,
        Permission.FORM_READ,
        Permission.FORM_MANAGE,
        Permission.CAMPAIGN_MANAGE,
        Permission.JOB_READ,
    },
}

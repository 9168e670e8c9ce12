"""What is asked of the server, and how an object of an answer reads as the export writes it."""

# The fields of the export, so that changes and lists can be compared with what it wrote. Two of them have other names here:
# one document cannot ask fields of different types under one name.
ORGANIZATION = "__typename id version name kind sector parent { id } foundedOn externalIds { system value }"
MEMBER = """__typename id version name standing status joinedOn becameFullOn branch { id } group { id } hostBranch { id }
  unitTag externalIds { system value }"""
POST = "__typename id version post member { id } organization { id } since until termEndsOn acting"
ACTIVITY = """__typename id version activityKind: kind title activityStatus: status startsAt endsAt place mode organizations { id }
  externalIds { system value }"""
OBJECT = f"""... on Organization {{ {ORGANIZATION} }} ... on Member {{ {MEMBER} }} ... on Appointment {{ {POST} }}
  ... on Activity {{ {ACTIVITY} }}"""
PAGE = "pageInfo { hasNextPage endCursor }"
CHANGES = f"""query Changes($after: LogCursor!, $within: OrganizationScopeInput!) {{
  viewer {{ account {{ version scopes }} }}
  changes(after: $after, within: $within, types: [ORGANIZATION, MEMBER, APPOINTMENT, ACTIVITY], first: 100) {{
    changes {{ op extent entityId entity {{ {OBJECT} }} }}
    cursor hasMore }} }}"""
EVENTS = """subscription Events($after: LogCursor, $within: OrganizationScopeInput) {
  events(after: $after, within: $within) { __typename } }"""
VIEWER = "{ viewer { account { version scopes } } }"
SIGN_IN = """mutation($input: SignInServiceInput!) { signInService(input: $input) { accessToken userErrors { code message } } }"""
START = """mutation($input: StartExportInput!) { startExport(input: $input) { job { id } userErrors { code message path } } }"""
JOB = """query($id: ID!) { exportJob(id: $id) { state failure snapshotCursor parts { number url sha256 rows } } }"""
LISTS = [
    f"""query($within: OrganizationScopeInput!, $after: String) {{
      page: organizations(within: $within, first: 40, after: $after) {{ {PAGE}
        nodes {{ {ORGANIZATION} appointments(first: 20) {{ {PAGE} nodes {{ {POST} }} }} }} }} }}""",
    f"""query($within: OrganizationScopeInput!, $after: String) {{
      page: members(within: $within, first: 100, after: $after) {{ {PAGE} nodes {{ {MEMBER} }} }} }}""",
    f"""query($within: OrganizationScopeInput!, $after: String) {{
      page: activities(within: $within, first: 100, after: $after) {{ {PAGE} nodes {{ {ACTIVITY} }} }} }}""",
]
MORE_POSTS = f"""query($id: ID!, $after: String) {{ organization(id: $id) {{
  page: appointments(first: 100, after: $after) {{ {PAGE} nodes {{ {POST} }} }} }} }}"""


def plain(entity):
    """An object as the export writes it: names that the document had to give otherwise have their own again."""
    body = dict(entity)
    for alias, name in (("activityKind", "kind"), ("activityStatus", "status")):
        if alias in body:
            body[name] = body.pop(alias)
    body.pop("appointments", None)
    return body

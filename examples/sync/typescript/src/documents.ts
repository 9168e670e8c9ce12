// The operations of a copy, with the fields of the export, so that changes and lists can be compared with what it wrote. Two
// of them have other names here: one document cannot ask fields of different types under one name.

const ORGANIZATION = "__typename id version name kind sector parent { id } foundedOn externalIds { system value }";
const MEMBER = `__typename id version name standing status joinedOn becameFullOn branch { id } group { id } hostBranch { id }
  unitTag externalIds { system value }`;
const POST = "__typename id version post member { id } organization { id } since until termEndsOn acting";
const ACTIVITY = `__typename id version activityKind: kind title activityStatus: status startsAt endsAt place mode
  organizations { id } externalIds { system value }`;
const OBJECT = `... on Organization { ${ORGANIZATION} } ... on Member { ${MEMBER} } ... on Appointment { ${POST} }
  ... on Activity { ${ACTIVITY} }`;
const PAGE = "pageInfo { hasNextPage endCursor }";

export const CHANGES = `query Changes($after: LogCursor!, $within: OrganizationScopeInput!) {
  viewer { account { version scopes } }
  changes(after: $after, within: $within, types: [ORGANIZATION, MEMBER, APPOINTMENT, ACTIVITY], first: 100) {
    changes { op extent entityId entity { ${OBJECT} } }
    cursor hasMore } }`;
export const EVENTS = `subscription Events($after: LogCursor, $within: OrganizationScopeInput) {
  events(after: $after, within: $within) { __typename } }`;
export const VIEWER = "{ viewer { account { version scopes } } }";
export const SIGN_IN = `mutation($input: SignInServiceInput!) {
  signInService(input: $input) { accessToken userErrors { code message } } }`;
export const START = `mutation($input: StartExportInput!) {
  startExport(input: $input) { job { id } userErrors { code message path } } }`;
export const JOB = `query($id: ID!) {
  exportJob(id: $id) { state failure snapshotCursor parts { number url sha256 rows } } }`;
export const LISTS = [
  `query($within: OrganizationScopeInput!, $after: String) { page: organizations(within: $within, first: 40, after: $after) { ${PAGE}
    nodes { ${ORGANIZATION} appointments(first: 20) { ${PAGE} nodes { ${POST} } } } } }`,
  `query($within: OrganizationScopeInput!, $after: String) { page: members(within: $within, first: 100, after: $after) { ${PAGE}
    nodes { ${MEMBER} } } }`,
  `query($within: OrganizationScopeInput!, $after: String) { page: activities(within: $within, first: 100, after: $after) { ${PAGE}
    nodes { ${ACTIVITY} } } }`,
];
export const MORE_POSTS = `query($id: ID!, $after: String) { organization(id: $id) {
  page: appointments(first: 100, after: $after) { ${PAGE} nodes { ${POST} } } } }`;

export interface Reference {
  id: string;
}

/** An object as the export writes it. */
export interface Body {
  __typename: string;
  id: string;
  version: number;
  parent?: Reference | null;
  branch?: Reference | null;
  organization?: Reference | null;
  organizations?: Reference[];
  since?: string;
  until?: string | null;
  [field: string]: unknown;
}

export interface Line {
  op: "UPSERT" | "DELETE" | "ENTER_SCOPE" | "LEAVE_SCOPE" | "RESYNC";
  extent: "OBJECT" | "SUBTREE";
  entityId: string;
  entity: Body | null;
}

export interface Account {
  version: number;
  scopes: string[];
}

export interface Part {
  number: number;
  url: string;
  sha256: string;
  rows: number;
}

export interface Job {
  state: string;
  failure: string | null;
  snapshotCursor: string;
  parts: Part[];
}

export interface Page<Node> {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** Names that the document had to give otherwise have their own again. */
export function plain(entity: Body): Body {
  const { activityKind, activityStatus, appointments: _, ...body } = entity as Body & Record<string, unknown>;
  if (activityKind !== undefined) body.kind = activityKind;
  if (activityStatus !== undefined) body.status = activityStatus;
  return body as Body;
}

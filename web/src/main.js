import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';

const url = new URL('../graphql', window.location.href);
const socket = new URL(url);
socket.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';

// Headers of the editor also go into connection_init, so one place holds the token for both transports.
const fetcher = createGraphiQLFetcher({ url: url.href, subscriptionUrl: socket.href });

const defaultQuery = `# Put your token into the "Headers" tab below:
#   { "Authorization": "Bearer <accessToken of signIn>", "Accept-Language": "en" }
# Without a token only signIn, refresh, signOut, rulebook and __typename answer.

{
  __typename
}
`;

createRoot(document.getElementById('graphiql')).render(
  createElement(GraphiQL, {
    fetcher,
    defaultQuery,
    defaultHeaders: '{\n  "Accept-Language": "zh-CN"\n}',
    defaultEditorToolsVisibility: 'headers',
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
  }),
);

#!/bin/sh
# Builds GraphiQL into web/dist, which the binary embeds when it is there. Needs Node 20.19 or later.
set -eu
cd "$(dirname "$0")"
npm ci --no-audit --no-fund
npm run build
# Nothing of the page may be loaded from elsewhere.
if grep -rlE 'unpkg\.com|esm\.sh|jsdelivr\.net|cdnjs\.cloudflare' dist; then
  echo "the bundle names a CDN" >&2
  exit 1
fi

# The image of one process: of a service, of the gateway, or of the development issuer. Which one, the build argument says:
#   docker build -f infra/docker/service.Dockerfile --build-arg WORKSPACE=services/<service> .
# It holds the sources, which Node runs as they are, and the production dependencies of that one workspace.

# Only what npm reads, so that a change of the sources leaves the installed dependencies as they are.
FROM node:24.21.0-trixie-slim AS manifests
WORKDIR /qtm
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc ! -path './patches/*' -delete

FROM node:24.21.0-trixie-slim AS dependencies
ARG WORKSPACE
WORKDIR /qtm
COPY --from=manifests /qtm .
RUN npm ci --workspace "${WORKSPACE:?name the workspace to run}" --include-workspace-root \
      --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && node node_modules/patch-package/index.js --error-on-fail \
 && npm cache clean --force

FROM node:24.21.0-trixie-slim
ARG WORKSPACE
ENV NODE_ENV=production QTM_HOST=0.0.0.0 QTM_PORT=4000
WORKDIR /qtm
COPY --from=dependencies /qtm .
COPY schema schema
COPY infra/service-kit infra/service-kit
COPY infra/relations infra/relations
COPY infra/docker infra/docker
COPY infra/scripts/migrate.ts infra/scripts/token.ts infra/scripts/
COPY ${WORKSPACE} ${WORKSPACE}
# A new volume mounted here belongs to the account of the process.
RUN install -d -o node -g node /var/lib/qtm
WORKDIR /qtm/${WORKSPACE}
USER node
EXPOSE 4000
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=6 CMD ["node", "/qtm/infra/docker/healthy.ts"]
CMD ["node", "src/main.ts"]

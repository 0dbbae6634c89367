# Sluice in a container: docker build -t sluice . && docker run --rm -v "$PWD:/project:ro" sluice validate
# The project is mounted at /project; what it reads from the environment is passed with -e or --env-file.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm ci --omit=dev

FROM node:24-slim
ENV NODE_ENV=production NO_COLOR=1
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/sql sql
COPY --from=build /app/models models
USER node
WORKDIR /project
# Node is process 1 and handles SIGTERM itself: it finishes what is in flight, saves, and ends with 143.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/src/cli/main.js"]
CMD ["--help"]

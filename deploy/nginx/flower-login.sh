#!/bin/sh
# Run by the nginx image before nginx: the password of Flower, as the header that nginx adds for those it let in.
set -eu
mkdir -p "${FLOWER_LOGIN_FOLDER:-/run/flower}"
printf 'proxy_set_header Authorization "Basic %s";\n' \
    "$(tr -d '\n' < "${SECRETS_FOLDER:-/run/secrets}/flower_login" | base64 | tr -d '\n')" \
    > "${FLOWER_LOGIN_FOLDER:-/run/flower}/login.conf"

#!/usr/bin/env bash
# Runs the whole guide on a real cluster: the one that KUBECONFIG (or kubectl's current context) points to.
#
#   BARYCENTER_IMAGE=registry.example.com/barycenter:0.1.0 deploy/e2e.sh [PART…]
#
# The parts are files, kustomize, postgres, guide and helm; all of them if none is named. The cluster must be able to pull
# the image and to provide volumes. A line for every step: ok, FAILED, skipped. Everything happens in the namespace
# `barycenter`, which must not exist before and is deleted after every part. Without a cluster it says so and ends with 0.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

namespace=barycenter
image=${BARYCENTER_IMAGE:-}
port=${BARYCENTER_E2E_PORT:-18080}
admin_port=$((port + 1))
kubectl=$(command -v kubectl || echo target/deploy-tools/kubectl)
helm=$(command -v helm || echo target/deploy-tools/helm)
folder=$(mktemp -d "${TMPDIR:-/tmp}/barycenter-e2e.XXXXXX")
passed=0 failed=0 part=
forwards=()

k() { "$kubectl" --namespace "$namespace" "$@"; }

say() { printf '%-8s%-10s%s\n' "$1" "$part" "$2"; }

# Runs a command as a step; shows what it said if it fails.
step() { # NAME COMMAND…
    local name=$1
    shift
    if "$@" >"$folder/output" 2>&1; then
        passed=$((passed + 1))
        say ok "$name"
    else
        failed=$((failed + 1))
        say FAILED "$name"
        sed 's/^/            /' "$folder/output"
        return 1
    fi
}

# Whether a command does well, and its output holds a text.
says() { # TEXT COMMAND…
    local text=$1 output
    shift
    output=$("$@") && grep -e "$text" <<<"$output" && return
    printf '%s\n' "$output"
    return 1
}

# Whether it does not, and the command does well.
never_says() { # TEXT COMMAND…
    local text=$1 output
    shift
    output=$("$@" 2>&1) || return 1
    ! grep -e "$text" <<<"$output"
}

cannot() { ! "$@"; }

again() { # SECONDS COMMAND…
    local until=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -lt "$until" ] || return 1
        sleep 1
    done
}

stop_forwarding() {
    [ ${#forwards[@]} -eq 0 ] || kill "${forwards[@]}" 2>/dev/null
    forwards=()
}

forward() {
    stop_forwarding
    "$kubectl" --namespace "$namespace" port-forward svc/barycenter-public "$port:8080" >/dev/null 2>&1 &
    forwards+=($!)
    "$kubectl" --namespace "$namespace" port-forward svc/barycenter-admin "$admin_port:8081" >/dev/null 2>&1 &
    forwards+=($!)
    again 30 curl -fsS "http://localhost:$port/readyz" && again 30 curl -fsS "http://localhost:$admin_port/livez"
}

clean() {
    stop_forwarding
    "$kubectl" delete namespace "$namespace" --ignore-not-found --wait --timeout 5m
}

clean_up() {
    stop_forwarding
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A copy of the manifests with this image, and with an issuer that a browser on this machine can reach.
prepare() {
    cp -r deploy "$folder/deploy"
    cp -r tests/guide/manifests "$folder/guide"
    grep -rlE 'your-registry/barycenter|auth.example.com' "$folder/deploy/kubernetes" "$folder/deploy/overlays" "$folder/guide" |
        xargs sed -i -E "s#your-registry/barycenter:[a-z0-9.]+#$image#; s#public_base_url = \"https://auth.example.com\"#public_base_url = \"http://localhost:$port\"#"
}

server() { k exec deployment/barycenter --container barycenter -- "$@"; }
ready() { k rollout status deployment/barycenter --timeout 10m; }
pods() { k get pods --selector app=barycenter,component=server --output jsonpath='{.items[*].metadata.uid}'; }

run_job() { # NAME CRONJOB
    k create job "$1" --from="cronjob/$2" && k wait --for=condition=complete "job/$1" --timeout 5m && k logs "job/$1"
}

run_new_job() {
    local name
    name=$(k create --filename "$folder/deploy/kubernetes/jobs/user-sync-job.yaml" --output name) &&
        k wait --for=condition=complete "$name" --timeout 5m
}

# A users file with passwords, put into the Secret as the docs say.
new_users() {
    cat >"$folder/users.json" <<JSON
{"users": [
  {"username": "admin", "email": "admin@example.com", "password": "e2e-canary-of-admin", "properties": {"role": "administrator"}},
  {"username": "app-service", "email": "service@example.com", "password": "e2e-canary-of-service"}]}
JSON
    k create secret generic barycenter-users --from-file=users.json="$folder/users.json" --dry-run=client --output yaml |
        k apply --server-side --force-conflicts --field-manager=barycenter-users --filename -
}

signs_in() { # USERNAME PASSWORD
    local base=http://localhost:$port csrf
    rm -f "$folder/cookies"
    csrf=$(curl -fsS --cookie-jar "$folder/cookies" "$base/login" | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p')
    [ "$(curl -sS --cookie "$folder/cookies" --header "Origin: $base" --output "$folder/page" --write-out '%{http_code}' \
        --data-urlencode "csrf=$csrf" --data-urlencode "username=$1" --data-urlencode "password=$2" "$base/login")" = 303 ]
}

admin_api() { # WORDS OF CURL…
    curl -sS --header 'Content-Type: application/json' --data '{"query":"{ __typename }"}' "$@" "http://localhost:$admin_port/admin/graphql"
}

# No Endpoint of the Services but the servers', and the disruption budget counts them.
selects_servers_only() {
    local chosen servers
    chosen=$(k get endpointslices --selector kubernetes.io/service-name=barycenter-public --output jsonpath='{.items[*].endpoints[*].targetRef.uid}' | tr ' ' '\n' | sort)
    servers=$(pods | tr ' ' '\n' | sort)
    echo "endpoints: $chosen; servers: $servers"
    [ "$chosen" = "$servers" ] && again 60 says "$(wc -w <<<"$servers" | tr -d ' ')" k get pdb barycenter --output jsonpath='{.status.expectedPods}'
}

# The server warns of every pod that the label would keep out.
restricted() {
    never_says violate "$kubectl" label namespace "$namespace" pod-security.kubernetes.io/enforce=restricted --overwrite --dry-run=server
}

unchanged_pods() { # COMMAND…
    local before
    before=$(pods)
    "$@" && ready && [ "$(pods)" = "$before" ]
}

# What every way to deploy must do. TOKEN is where the admin token lies in the container.
guide_steps() { # TOKEN
    step "the init container has synced the users" says 'created\|match' k logs deployment/barycenter --container user-sync
    step "every pod is restricted" restricted
    step "the container's own health check" server barycenterd healthcheck
    step "baryctl status in the container, without a shell" server baryctl --token-file "$1" status
    step "port-forward to both Services" forward
    step "discovery names the issuer" says "\"issuer\": *\"http://localhost:$port/\?\"" curl -fsS "http://localhost:$port/.well-known/openid-configuration"
    step "the playground is there" curl -fsS "http://localhost:$admin_port/admin/playground" --output "$folder/playground"
    step "the admin API wants its token" says 401 admin_api --output /dev/null --write-out '%{http_code}'
    step "metrics on the admin port" says barycenter_build_info curl -fsS "http://localhost:$admin_port/metrics"
    step "and on no other" says 404 curl -sS --output /dev/null --write-out '%{http_code}' "http://localhost:$port/metrics"
}

our_steps() { # TOKEN
    guide_steps "$1"
    step "Services and disruption budget choose servers only" selects_servers_only
    step "another users file goes into the Secret" new_users
    step "and leaves no password in an annotation" never_says canary k get secret barycenter-users --output jsonpath='{.metadata.annotations}'
    step "a sync from the CronJob" run_job sync-one barycenter-user-sync
    step "and another" says 'nothing to do' run_job sync-two barycenter-user-sync
    step "admin signs in with the new password" signs_in admin e2e-canary-of-admin
    step "and with no other" cannot signs_in admin wrong
    step "the log holds no password" never_says canary k logs deployment/barycenter --all-containers
}

# The Job's file is for the volume of SQLite; elsewhere every sync comes from the CronJob.
job_steps() {
    step "a sync from the Job's file" run_new_job
    step "and another one" run_new_job
}

deployed() { # NAME COMMAND…
    step "$@" && step "the deployment is ready" ready
}

part_files() {
    deployed "kubectl apply -f deploy/kubernetes/, at once and in an empty cluster" "$kubectl" apply -f "$folder/deploy/kubernetes/" || return
    step "again: no pod is replaced" unchanged_pods "$kubectl" apply -f "$folder/deploy/kubernetes/"
    our_steps /data/admin.token
    job_steps
    step "a backup" run_job backup-one barycenter-backup
    step "a restart keeps the data" k rollout restart deployment/barycenter
    step "and comes up again" ready
    step "port-forward after the restart" forward
    step "admin still signs in" signs_in admin e2e-canary-of-admin
}

part_kustomize() {
    deployed "kubectl apply -k deploy/kubernetes" "$kubectl" apply -k "$folder/deploy/kubernetes" || return
    step "again: no pod is replaced" unchanged_pods "$kubectl" apply -k "$folder/deploy/kubernetes"
    our_steps /data/admin.token
    job_steps
    local before
    before=$(pods)
    sed -i 's/alg = "RS256"/alg = "ES256"/' "$folder/deploy/kubernetes/configmap.yaml"
    step "another configuration" "$kubectl" apply -k "$folder/deploy/kubernetes"
    step "rolls the pods" ready
    step "which are new ones" test "$(pods)" != "$before"
}

secrets() {
    "$kubectl" apply -f "$folder/deploy/kubernetes/namespace.yaml" &&
        openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$folder/private_key.pem" &&
        openssl rand -hex 32 >"$folder/admin.token" && openssl rand -hex 32 | tr -d '\n' >"$folder/password" &&
        k create secret generic barycenter-keys --from-file="$folder/private_key.pem" --from-file="$folder/admin.token" &&
        k create secret generic postgres-secret --from-file="$folder/password"
}

three_ready() { [ "$(k get deployment barycenter --output jsonpath='{.status.readyReplicas}')" -ge 3 ]; }

same_keys() {
    local pod seen=
    for pod in $(k get pods --selector app=barycenter,component=server --output name); do
        local keys
        keys=$(k exec "$pod" --container barycenter -- baryctl --direct keys list --output json) || return 1
        [ -z "$seen" ] || [ "$seen" = "$keys" ] || return 1
        seen=$keys
    done
}

part_postgres() {
    step "Secrets for the keys and the database" secrets || return
    deployed "kubectl apply -k deploy/overlays/postgres" "$kubectl" apply -k "$folder/deploy/overlays/postgres" || return
    step "the autoscaler makes three replicas" again 300 three_ready
    step "all init containers ended well" ready
    step "again: no pod is replaced" unchanged_pods "$kubectl" apply -k "$folder/deploy/overlays/postgres"
    step "every replica has the same keys" same_keys
    our_steps /keys/admin.token
    step "a rolling restart" k rollout restart deployment/barycenter
    step "comes to its end" ready
}

part_guide() {
    # The guide's order, with nothing but the image and the issuer changed.
    local file
    for file in namespace barycenter-config barycenter-users-secret barycenter-pvc barycenter-deployment barycenter-service-public barycenter-service-admin; do
        step "kubectl apply -f $file.yaml" "$kubectl" apply -f "$folder/guide/$file.yaml" || return
    done
    step "the deployment is ready" ready || return
    step "the init container has synced the users" says created k logs deployment/barycenter --container user-sync
    step "port-forward to both Services" forward
    step "discovery" curl -fsS "http://localhost:$port/.well-known/openid-configuration"
    step "the playground" curl -fsS "http://localhost:$admin_port/admin/playground" --output "$folder/playground"
    step "admin signs in" signs_in admin CHANGE-ME-IN-PRODUCTION
    step "the sync Job" "$kubectl" apply -f "$folder/guide/barycenter-user-sync-job.yaml"
    step "ends well" k wait --for=condition=complete job/barycenter-user-sync --timeout 5m
    step "the sync CronJob" "$kubectl" apply -f "$folder/guide/barycenter-user-sync-cronjob.yaml"
}

part_helm() {
    if ! "$helm" version --short >/dev/null 2>&1; then
        say skipped "helm is not installed"
        return
    fi
    local settings=(--namespace "$namespace" --set "image.repository=${image%:*}" --set "image.tag=${image##*:}"
        --set "config.server.public_base_url=http://localhost:$port" --set ingress.host=auth.example.com)
    deployed "helm install" "$helm" install barycenter "$folder/deploy/helm/barycenter" --create-namespace "${settings[@]}" || return
    step "helm test" "$helm" test barycenter --namespace "$namespace"
    our_steps /data/admin.token
    job_steps
    step "a backup" run_job backup-one barycenter-backup
    step "helm upgrade with another lifetime" "$helm" upgrade barycenter "$folder/deploy/helm/barycenter" "${settings[@]}" --set config.oidc.session_lifetime=1h
    step "rolls the pods" ready
    step "helm uninstall" "$helm" uninstall barycenter --namespace "$namespace"
    step "keeps the volumes" k get pvc barycenter-data barycenter-backup
}

if ! "$kubectl" version --request-timeout 10s >"$folder/output" 2>&1 || ! "$kubectl" get --raw /readyz --request-timeout 10s >"$folder/output" 2>&1; then
    part=e2e
    say skipped "no cluster answers: set KUBECONFIG, or kubectl's current context ($(tail -n 1 "$folder/output"))"
    exit 0
fi
if [ -z "$image" ]; then
    echo "$0: BARYCENTER_IMAGE must name an image that the cluster can pull" >&2
    exit 2
fi
if "$kubectl" get namespace "$namespace" >/dev/null 2>&1; then
    echo "$0: the namespace $namespace exists already; this script would delete it, so it does nothing" >&2
    exit 2
fi

prepare
[ $# -gt 0 ] || set -- files kustomize postgres guide helm
for part in "$@"; do
    if ! declare -F "part_$part" >/dev/null; then
        echo "$0: there is no part $part" >&2
        exit 2
    fi
    "part_$part"
    step "everything goes away" clean
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]

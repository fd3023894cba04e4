"""As much of Kubernetes's API as `kubectl apply` and `kubectl create` need, in memory: objects are kept, none of them does anything.

It keeps what decides whether a folder of manifests can be applied: a kind must be known, a namespace must be there before
what is put into it, a Job's template cannot be changed, and what has no name gets one. A patch is merged as if it were a JSON merge
patch, whatever it is.
"""

import base64
import copy
import http.server
import json
import threading
import urllib.parse
import uuid

# group/version -> (resource, kind, namespaced)
KINDS = {
    "v1": [
        ("namespaces", "Namespace", False), ("configmaps", "ConfigMap", True), ("secrets", "Secret", True),
        ("services", "Service", True), ("serviceaccounts", "ServiceAccount", True),
        ("persistentvolumeclaims", "PersistentVolumeClaim", True), ("resourcequotas", "ResourceQuota", True), ("pods", "Pod", True),
    ],
    "apps/v1": [("deployments", "Deployment", True), ("statefulsets", "StatefulSet", True)],
    "batch/v1": [("jobs", "Job", True), ("cronjobs", "CronJob", True)],
    "networking.k8s.io/v1": [("ingresses", "Ingress", True), ("networkpolicies", "NetworkPolicy", True)],
    "policy/v1": [("poddisruptionbudgets", "PodDisruptionBudget", True)],
    "autoscaling/v2": [("horizontalpodautoscalers", "HorizontalPodAutoscaler", True)],
}  # fmt: skip


def merge(target, patch):
    for name, value in patch.items():
        if name.startswith("$"):
            continue
        if value is None:
            target.pop(name, None)
        elif isinstance(value, dict) and isinstance(target.get(name), dict):
            merge(target[name], value)
        else:
            target[name] = value


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status, reason, message):
        self.answer(
            status,
            {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status, "reason": reason, "message": message},
        )

    def discovery(self, path):
        if path == "/version":
            return {"major": "1", "minor": "32", "gitVersion": "v1.32.0"}
        if path == "/api":
            return {"kind": "APIVersions", "apiVersion": "v1", "versions": ["v1"]}
        if path == "/apis":
            groups = []
            for group_version in KINDS:
                if "/" in group_version:
                    version = {"groupVersion": group_version, "version": group_version.split("/")[1]}
                    groups.append({"name": group_version.split("/")[0], "versions": [version], "preferredVersion": version})
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        group_version = path.removeprefix("/apis/").removeprefix("/api/")
        if group_version in KINDS:
            verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
            resources = [
                {"name": name, "singularName": kind.lower(), "kind": kind, "namespaced": namespaced, "verbs": verbs}
                for name, kind, namespaced in KINDS[group_version]
            ]
            return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources}
        return None

    def place(self, path):
        """Returns group and version, resource, namespace and name of a path, or nothing."""
        words = path.strip("/").split("/")
        group_version, rest = ("v1", words[2:]) if words[0] == "api" else ("/".join(words[1:3]), words[3:])
        namespace = None
        if len(rest) > 2 and rest[0] == "namespaces":
            namespace, rest = rest[1], rest[2:]
        known = [of for of in KINDS.get(group_version, []) if rest and of[0] == rest[0]]
        return (group_version, rest[0], namespace, rest[1] if len(rest) > 1 else None) if known else None

    def handle_request(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        path = self.path.split("?")[0]
        found = self.discovery(path) if self.command == "GET" else None
        if found is not None:
            return self.answer(200, found)
        place = self.place(path)
        if place is None:
            return self.refuse(404, "NotFound", f"the server could not find {path}")
        group_version, resource, namespace, name = place
        objects = self.server.objects
        if self.command == "POST":
            value = json.loads(body)
            metadata = value["metadata"]
            if namespace is not None and ("v1", "namespaces", None, namespace) not in objects:
                return self.refuse(404, "NotFound", f'namespaces "{namespace}" not found')
            if not metadata.get("name"):
                metadata["name"] = metadata["generateName"] + uuid.uuid4().hex[:5]
            key = (group_version, resource, namespace, metadata["name"])
            if key in objects:
                return self.refuse(409, "AlreadyExists", f"{resource} {metadata['name']} already exists")
            metadata["uid"] = str(uuid.uuid4())
            objects[key] = value
            return self.answer(201, self.server.shown(value))
        if name is None and self.command == "GET":
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
            wanted = dict(part.split("=") for part in query.get("labelSelector", [""])[0].split(",") if part)
            items = [
                self.server.shown(value)
                for key, value in objects.items()
                if key[:3] == place[:3] and wanted.items() <= value["metadata"].get("labels", {}).items()
            ]
            kind = {of[0]: of[1] for of in KINDS[group_version]}[resource]
            return self.answer(200, {"kind": f"{kind}List", "apiVersion": group_version, "metadata": {}, "items": items})
        if place not in objects:
            return self.refuse(404, "NotFound", f'{resource} "{name}" not found')
        if self.command == "PATCH":
            patch = json.loads(body)
            if resource == "jobs" and patch.get("spec", {}).get("template"):
                return self.refuse(422, "Invalid", f'Job "{name}" is invalid: spec.template: field is immutable')
            merge(objects[place], patch)
        elif self.command == "DELETE":
            return self.answer(200, self.server.shown(objects.pop(place)))
        return self.answer(200, self.server.shown(objects[place]))

    do_GET = do_POST = do_PATCH = do_DELETE = handle_request


class Server(http.server.ThreadingHTTPServer):
    """Listens on a free port of this machine until it is closed."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects = {}
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    @staticmethod
    def shown(value):
        """A Secret's stringData goes into data, and is never shown again."""
        value = copy.deepcopy(value)
        if value["kind"] == "Secret":
            texts = value.pop("stringData", {})
            value.setdefault("data", {}).update({name: base64.b64encode(text.encode()).decode() for name, text in texts.items()})
        return value

    def close(self):
        self.shutdown()
        self.server_close()

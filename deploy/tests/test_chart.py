"""deploy/helm/barycenter: lints, refuses what cannot be meant, and renders by default what deploy/kubernetes applies."""

import copy
import json
import tomllib
import unittest

import yaml

import support
from support import CHART, KUBERNETES, TOOLS, find, key, kustomize, run

VALUES = sorted(path.name for path in (CHART / "ci").glob("*.yaml"))


def settled(document):
    """Leaves out what a release adds: its labels and annotations, checksums, and how a text is laid out."""
    document = copy.deepcopy(document)

    def walk(value):
        if isinstance(value, dict):
            metadata = value.get("metadata")
            if isinstance(metadata, dict):
                labels = metadata.get("labels") or {}
                for name in list(labels):
                    if name.startswith(("helm.sh/", "app.kubernetes.io/")):
                        del labels[name]
                annotations = metadata.get("annotations") or {}
                for name in list(annotations):
                    if name.startswith(("helm.sh/", "checksum/", "barycenter/")):
                        del annotations[name]
                for empty in ("labels", "annotations"):
                    if not metadata.get(empty):
                        metadata.pop(empty, None)
                if not metadata:
                    del value["metadata"]
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            if all(isinstance(inner, dict) and "name" in inner for inner in value):
                value.sort(key=lambda inner: inner["name"])
            for inner in value:
                walk(inner)

    walk(document)
    if document["kind"] == "ConfigMap":
        document["data"]["config.toml"] = tomllib.loads(document["data"]["config.toml"])
    if document["kind"] == "Secret":
        document["stringData"]["users.json"] = json.loads(document["stringData"]["users.json"])
    return document


class Chart(unittest.TestCase):
    def refused(self, *settings, saying):
        arguments = [part for setting in settings for part in ("--set", setting)]
        finished = run(TOOLS / "helm", "template", "barycenter", CHART, *arguments, code=1)
        self.assertIn(saying, finished.stderr)

    def test_it_lints(self):
        for values in [None, *VALUES]:
            arguments = ["--values", CHART / "ci" / values] if values else []
            finished = run(TOOLS / "helm", "lint", "--strict", CHART, *arguments)
            self.assertIn("1 chart(s) linted, 0 chart(s) failed", finished.stdout)

    def test_by_default_it_is_deploy_kubernetes(self):
        theirs = {key(document): settled(document) for document in support.chart()}
        ours = {key(document): settled(document) for document in kustomize(KUBERNETES)}
        # Helm makes the namespace itself, and tests what it has installed.
        del ours["Namespace", "barycenter"]
        del theirs["Pod", "barycenter-test"]
        self.assertEqual(ours.keys(), theirs.keys())
        for name in ours:
            self.assertEqual(support.pretty(ours[name]), support.pretty(theirs[name]), name)

    def test_with_postgresql_it_is_the_overlay_without_the_database(self):
        theirs = {key(document): settled(document) for document in support.chart("postgres.yaml")}
        ours = {key(document): settled(document) for document in kustomize(support.OVERLAY)}
        for name in list(ours):
            # The chart takes a database that is there already; then it does not know where it is.
            if name[1] == "postgres" or name[0] in ("Namespace", "NetworkPolicy"):
                del ours[name]
        for name in ours:
            self.assertEqual(support.pretty(ours[name]), support.pretty(theirs[name]), name)

    def test_what_cannot_be_meant_is_refused(self):
        self.refused("image.tga=1", saying="tga")
        self.refused("config.server.public_bas_url=https://example.com", saying="public_bas_url")
        self.refused("config.keys.alg=HS256", saying="alg")
        self.refused("database.type=mysql", saying="database")
        self.refused("replicas=0", saying="replicas")
        self.refused("replicas=3", saying="several replicas need PostgreSQL")
        self.refused("replicas=3", "database.type=postgresql", saying="several replicas need one root key")
        self.refused("gateway.enabled=true", saying="gateway.parentRefs")
        self.refused("config.database.password=secret", saying="password")
        self.refused("config.admin.token=secret-secret-secret", saying="token")

    def test_another_configuration_or_users_file_rolls_the_pods(self):
        def annotations(*settings):
            deployment = find(support.chart(settings=settings), "Deployment", "barycenter")
            return deployment["spec"]["template"]["metadata"]["annotations"]

        before = annotations()
        config = annotations("config.oidc.session_lifetime=1h")
        users = annotations("users.file.users[0].username=alice")
        self.assertNotEqual(before["checksum/config"], config["checksum/config"])
        self.assertEqual(before["checksum/users"], config["checksum/users"])
        self.assertEqual(before["checksum/config"], users["checksum/config"])
        self.assertNotEqual(before["checksum/users"], users["checksum/users"])

    def test_the_ways_to_sync_are_what_is_asked_for(self):
        def ways(*settings):
            found = support.chart(settings=settings)
            spec = find(found, "Deployment", "barycenter")["spec"]["template"]["spec"]
            config = tomllib.loads(find(found, "ConfigMap", "barycenter-config")["data"]["config.toml"])
            return {
                "initContainer": "initContainers" in spec,
                "cronJob": any(document["kind"] == "CronJob" and "sync" in key(document)[1] for document in found),
                "hook": any(document["kind"] == "Job" for document in found),
                "watch": "users" in config,
            }

        names = ["initContainer", "cronJob", "hook", "watch"]
        for chosen in names:
            settings = [f"users.sync.{name}={str(name == chosen).lower()}" for name in names]
            self.assertEqual(ways(*settings), {name: name == chosen for name in names})

    def test_existing_secrets_are_used_and_none_is_made(self):
        found = support.chart("everything.yaml")
        self.assertFalse([document for document in found if document["kind"] == "Secret"])
        spec = find(found, "Deployment", "barycenter")["spec"]["template"]["spec"]
        secrets = {volume["secret"]["secretName"] for volume in spec["volumes"] if "secret" in volume}
        self.assertEqual(secrets, {"my-users", "my-passwords"})
        claims = {volume["persistentVolumeClaim"]["claimName"] for volume in spec["volumes"] if "persistentVolumeClaim" in volume}
        self.assertEqual(claims, {"my-data"})
        self.assertFalse([document for document in found if document["kind"] == "PersistentVolumeClaim"])

    def test_the_admin_api_is_not_published_unless_asked_for(self):
        for found, published in ((support.chart(), False), (support.chart("everything.yaml"), True)):
            backends = support.pretty([document for document in found if document["kind"] in ("Ingress", "HTTPRoute")])
            self.assertEqual("barycenter-admin" in backends, published)

    def test_every_value_is_in_the_schema_and_described(self):
        schema = json.loads((CHART / "values.schema.json").read_text())
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        self.assertIs(schema["additionalProperties"], False)
        self.assertEqual(set(schema["properties"]) - {"global"}, set(values))


if __name__ == "__main__":
    unittest.main()

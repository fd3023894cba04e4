"""What kubectl itself makes of the manifests, on an API server that keeps objects and runs nothing (api_server.py)."""

import json
import unittest

import support
from api_server import Server
from support import GUIDE, KUBERNETES, OVERLAY, TOOLS, run

# stringData is written and never read back, so kubectl sends it again; and it replaces the selector of a disruption budget
# whole, whatever it was. Both change nothing.
AGAIN = {"secret/barycenter-users configured", "poddisruptionbudget.policy/barycenter configured"}

ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"


class Kubectl(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)

    def kubectl(self, *words, **options):
        # Schemas are another test's business; this server has none to validate by.
        flags = ["--validate=false"] if words[0] in ("apply", "create") else []
        return run(TOOLS / "kubectl", "--server", self.server.address, *words, *flags, env={"HOME": str(TOOLS)}, **options)

    def names(self):
        return {(value["kind"], value["metadata"]["name"]) for value in self.server.objects.values()}

    def test_a_folder_is_applied_to_an_empty_cluster_at_once_and_again(self):
        first = self.kubectl("apply", "-f", KUBERNETES)
        self.assertTrue(first.stdout.startswith("namespace/barycenter created"), first.stdout)
        self.assertEqual(first.stderr, "")
        expected = {support.key(document) for document in support.kustomize(KUBERNETES)}
        self.assertEqual(self.names(), expected)
        again = self.kubectl("apply", "-f", KUBERNETES)
        self.assertEqual(again.stderr, "")
        changed = [line for line in again.stdout.splitlines() if not line.endswith(" unchanged")]
        self.assertEqual(set(changed), AGAIN)

    def test_a_kustomization_is_applied_and_again(self):
        for folder in (KUBERNETES, OVERLAY):
            with self.subTest(folder.name):
                self.server.objects.clear()
                self.kubectl("apply", "-k", folder)
                self.assertEqual(self.names(), {support.key(document) for document in support.kustomize(folder)})
                again = self.kubectl("apply", "-k", folder)
                changed = [line for line in again.stdout.splitlines() if not line.endswith(" unchanged")]
                self.assertEqual(set(changed), AGAIN)

    def test_files_are_applied_in_the_guides_order(self):
        for name in ("namespace", "configmap", "secret", "pvc", "deployment", "service-public", "service-admin", "ingress"):
            self.kubectl("apply", "-f", KUBERNETES / f"{name}.yaml")

    def test_jobs_can_run_again(self):
        self.kubectl("apply", "-f", KUBERNETES)
        for _ in range(2):
            self.kubectl("create", "-f", KUBERNETES / "jobs/user-sync-job.yaml")
        for name in ("one", "two"):
            # In two steps, because kubectl speaks protobuf when it makes a Job by itself.
            words = ["--from=cronjob/barycenter-user-sync", "--namespace", "barycenter", "--dry-run=client", "-o", "json"]
            job = self.kubectl("create", "job", name, *words).stdout
            self.kubectl("create", "-f", "-", input=job)
        jobs = [value for value in self.server.objects.values() if value["kind"] == "Job"]
        self.assertEqual(len(jobs), 4)
        for job in jobs:
            self.assertEqual(job["spec"]["template"]["metadata"]["labels"]["component"], "user-sync")

    def test_no_annotation_holds_a_password(self):
        """The guide's Secret puts its passwords into one, which shows that this test can fail."""
        self.kubectl("apply", "-f", KUBERNETES)
        applied = "".join(value["metadata"].get("annotations", {}).get(ANNOTATION, "") for value in self.server.objects.values())
        self.assertNotIn('\\"password\\"', json.dumps(applied))
        self.server.objects.clear()
        self.kubectl("apply", "-f", GUIDE / "namespace.yaml")
        self.kubectl("apply", "-f", GUIDE / "barycenter-users-secret.yaml")
        secret = self.server.objects["v1", "secrets", "barycenter", "barycenter-users"]
        self.assertIn("CHANGE-ME-IN-PRODUCTION", secret["metadata"]["annotations"][ANNOTATION])


    def test_what_the_chart_renders_is_applied(self):
        """`helm install` itself needs a whole API server, for its releases; deploy/e2e.sh has one."""
        self.kubectl("apply", "-f", KUBERNETES / "namespace.yaml")
        rendered = run(TOOLS / "helm", "template", "barycenter", support.CHART, "--namespace", "barycenter", "--no-hooks").stdout
        self.kubectl("apply", "-f", "-", input=rendered)
        installed = {support.key(document) for document in support.chart()} - {("Pod", "barycenter-test")}
        self.assertEqual(self.names(), installed | {("Namespace", "barycenter")})


if __name__ == "__main__":
    unittest.main()

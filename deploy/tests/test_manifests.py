"""deploy/kubernetes, deploy/overlays and what the chart renders: valid, restricted, and selecting only what they mean."""

import json
import pathlib
import re
import tempfile
import tomllib
import unittest

import kubernetes_validate
import yaml

import support
from support import CHART, GUIDE, KUBERNETES, OVERLAY, ROOT, TOOLS, VERSION, containers, find, key, kustomize, matches, pods, program, run

# The oldest Kubernetes that the docs promise, and the newest whose schemas there are.
KUBERNETES_VERSIONS = ["1.30", kubernetes_validate.latest_version()]

# Kinds that are no part of Kubernetes itself: its schemas do not know them.
FOREIGN = {"HTTPRoute", "ServiceMonitor", "PrometheusRule", "Kustomization"}

# Checks of checkov that fail on purpose: (check, kind) and why.
ACCEPTED = {
    ("CKV_K8S_43", None): "a digest is known to whoever pushes the image, not to this repository",
    ("CKV_K8S_15", None): "images carry a version that is never pushed twice; Always would need the registry at every start",
    ("CKV_K8S_40", "StatefulSet"): "the user of PostgreSQL's image is 999",
    ("CKV_K8S_8", "Pod"): "the pod of `helm test` runs once and ends",
    ("CKV_K8S_9", "Pod"): "the pod of `helm test` runs once and ends",
}


class Manifests(unittest.TestCase):
    def each(self):
        return support.everything().items()

    def test_every_manifest_fits_the_schemas_of_kubernetes(self):
        for _, found in self.each():
            for document in found:
                if document["kind"] in FOREIGN:
                    continue
                for version in KUBERNETES_VERSIONS:
                    kubernetes_validate.validate(document, version, strict=True)

    def test_every_file_is_tidy(self):
        run(TOOLS / "venv/bin/yamllint", "--strict", "--config-file", ROOT / "deploy/tests/yamllint.yaml", ROOT / "deploy")

    def test_a_folder_is_applied_in_an_order_that_works(self):
        # `kubectl apply -f FOLDER` takes the files of these endings in the order of the alphabet.
        applied = sorted(path for path in KUBERNETES.iterdir() if path.suffix in (".yaml", ".yml", ".json"))
        kinds = [document["kind"] for path in applied for document in support.documents(path.read_text())]
        self.assertEqual(kinds[0], "Namespace")
        self.assertNotIn("Job", kinds, "a Job is never run a second time: it does not belong among what is applied")
        self.assertFalse(FOREIGN & set(kinds), "a cluster without these kinds would refuse them")
        # The same by -f and by -k.
        listed = {key(document) for document in kustomize(KUBERNETES)}
        self.assertEqual(listed, {key(document) for path in applied for document in support.documents(path.read_text())})

    def test_every_pod_is_restricted(self):
        """The restricted Pod Security Standard, and what it leaves out: a group, a read-only root, no token."""
        for name, found in self.each():
            for owner, _, spec in pods(found):
                where = f"{name}: {owner}"
                context = spec["securityContext"]
                self.assertIs(context["runAsNonRoot"], True, where)
                self.assertGreater(context["runAsUser"], 0, where)
                self.assertGreater(context["runAsGroup"], 0, where)
                self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"}, where)
                self.assertIs(spec["automountServiceAccountToken"], False, where)
                self.assertFalse({"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), where)
                for volume in spec["volumes"] if "volumes" in spec else []:
                    allowed = {"configMap", "secret", "emptyDir", "persistentVolumeClaim"}
                    self.assertEqual(len(volume.keys() & allowed), 1, f"{where}: {volume}")
                for container in containers(spec):
                    inner = container["securityContext"]
                    self.assertIs(inner["allowPrivilegeEscalation"], False, where)
                    self.assertIs(inner["readOnlyRootFilesystem"], True, where)
                    self.assertEqual(inner["capabilities"], {"drop": ["ALL"]}, where)

    def test_every_container_says_what_it_needs_and_the_quota_admits_it(self):
        for name, found in self.each():
            quotas = [document for document in found if document["kind"] == "ResourceQuota"]
            if not quotas:
                continue
            hard = quotas[0]["spec"]["hard"]
            scaled = [document["spec"]["maxReplicas"] + 1 for document in found if document["kind"] == "HorizontalPodAutoscaler"]
            total = {}
            for owner, _, spec in pods(found):
                times = scaled[0] if scaled and owner[0] == "Deployment" else 1
                for side in ("requests", "limits"):
                    for resource in ("cpu", "memory"):
                        of = lambda container: support.quantity(container["resources"][side][resource])
                        running = sum(of(container) for container in spec["containers"])
                        starting = max([of(container) for container in spec.get("initContainers", [])], default=0)
                        total[f"{side}.{resource}"] = total.get(f"{side}.{resource}", 0) + times * max(running, starting)
            for resource, needed in total.items():
                self.assertLessEqual(needed, support.quantity(hard[resource]), f"{name}: {resource}")
            claims = [document for document in found if document["kind"] == "PersistentVolumeClaim"]
            self.assertLess(len(claims), int(hard["persistentvolumeclaims"]), name)

    def test_no_selector_of_the_servers_chooses_a_job(self):
        for name, found in self.each():
            everybody = pods(found)
            for document in found:
                spec = document.get("spec", {})
                selector = {
                    "Service": lambda: spec["selector"],
                    "Deployment": lambda: spec["selector"],
                    "StatefulSet": lambda: spec["selector"],
                    "PodDisruptionBudget": lambda: spec["selector"],
                    "NetworkPolicy": lambda: spec["podSelector"],
                }.get(document["kind"])
                if selector is None:
                    continue
                chosen = {owner for owner, labels, _ in everybody if matches(selector(), labels)}
                kinds = {kind for kind, _ in chosen}
                where = f"{name}: {key(document)} chooses {chosen}"
                self.assertTrue(len(chosen) > 0 or name in ("files", "chart, everything"), where)
                self.assertFalse({"Job", "CronJob"} & kinds and kinds - {"Job", "CronJob"}, where)

    def test_every_service_finds_its_port(self):
        for name, found in self.each():
            for service in (document for document in found if document["kind"] == "Service"):
                for port in service["spec"]["ports"]:
                    for owner, labels, spec in pods(found):
                        if matches(service["spec"]["selector"], labels):
                            names = {open_["name"] for container in spec["containers"] for open_ in container["ports"]}
                            self.assertIn(port["targetPort"], names, f"{name}: {key(service)} on {owner}")

    def test_network_policies_choose_namespaces_by_the_label_that_all_have(self):
        for name, found in self.each():
            text = support.pretty([document for document in found if document["kind"] == "NetworkPolicy"])
            for labels in re.findall(r'"namespaceSelector": \{\s*"matchLabels": \{([^}]*)\}', text):
                self.assertRegex(labels, r'^\s*"kubernetes.io/metadata.name": "[^"]*"\s*$', name)

    def test_volumes_and_mounts_belong_together(self):
        for name, found in self.each():
            claims_of_sets = {
                key(document): {claim["metadata"]["name"] for claim in document["spec"]["volumeClaimTemplates"]}
                for document in found
                if document["kind"] == "StatefulSet"
            }
            for owner, _, spec in pods(found):
                volumes = {volume["name"] for volume in spec.get("volumes", [])}
                volumes |= claims_of_sets.get(owner, set())
                mounted = {mount["name"] for container in containers(spec) for mount in container.get("volumeMounts", [])}
                self.assertEqual(volumes, mounted, f"{name}: {owner}")

    def test_sqlite_has_one_server_at_a_time_and_postgresql_several(self):
        for found in (kustomize(KUBERNETES), support.chart()):
            spec = find(found, "Deployment", "barycenter")["spec"]
            self.assertEqual((spec["replicas"], spec["strategy"]["type"]), (1, "Recreate"))
            self.assertFalse([document for document in found if document["kind"] == "HorizontalPodAutoscaler"])
        for found in (kustomize(OVERLAY), support.chart("postgres.yaml")):
            spec = find(found, "Deployment", "barycenter")["spec"]
            self.assertNotIn("replicas", spec, "the autoscaler decides; applying again must not scale down")
            self.assertEqual(spec["strategy"]["rollingUpdate"], {"maxUnavailable": 0, "maxSurge": 1})
            scaler = find(found, "HorizontalPodAutoscaler", "barycenter")["spec"]
            self.assertEqual((scaler["minReplicas"], scaler["scaleTargetRef"]["name"]), (3, "barycenter"))
            self.assertEqual(len(spec["template"]["spec"]["topologySpreadConstraints"]), 2)
            # Nothing on a volume that only one of them can have: the root key comes from a Secret.
            self.assertFalse([document for document in found if key(document) == ("PersistentVolumeClaim", "barycenter-data")])
            volumes = {volume["name"]: volume for volume in spec["template"]["spec"]["volumes"]}
            self.assertIn("emptyDir", volumes["data"])
            self.assertEqual(volumes["keys"]["secret"]["secretName"], "barycenter-keys")

    def test_no_password_is_written_down(self):
        for name, found in self.each():
            for document in found:
                where = f"{name}: {key(document)}"
                if document["kind"] == "Secret":
                    for text in document["stringData"].values():
                        for user in json.loads(text)["users"]:
                            self.assertNotIn("password", user, where)
                if document["kind"] == "ConfigMap" and "config.toml" in document["data"]:
                    config = tomllib.loads(document["data"]["config.toml"])
                    self.assertNotRegex(config["database"]["url"], r"//[^/@]*:[^/@]*@", where)
                    self.assertNotIn("password", config["database"], where)

    def test_the_configuration_is_one_that_the_daemon_takes(self):
        for name, found in self.each():
            for document in found:
                if document["kind"] != "ConfigMap" or "config.toml" not in document["data"]:
                    continue
                with tempfile.TemporaryDirectory() as folder:
                    # Files of mounted Secrets lie elsewhere here; everything else is as it stands.
                    path = pathlib.Path(folder) / "config.toml"
                    (pathlib.Path(folder) / "password").write_text("something")
                    path.write_text(document["data"]["config.toml"].replace('"/database/', f'"{folder}/'))
                    run(program("barycenterd"), "--config", path, "check-config", env={})

    def test_every_command_is_one_that_the_programs_know(self):
        for name, found in self.each():
            for owner, _, spec in pods(found):
                for container in containers(spec):
                    if "barycenter" not in container["image"]:
                        continue
                    name_of = {"barycenter": "barycenterd"}.get(container["command"][0], container["command"][0])
                    run(program(name_of), *container["command"][1:], "--help", env={})

    def test_images_carry_the_version_of_this_repository(self):
        for name, found in self.each():
            for owner, _, spec in pods(found):
                for container in containers(spec):
                    where = f"{name}: {owner}: {container['image']}"
                    self.assertNotRegex(container["image"], r":latest$|^[^:@]*$", where)
                    if "your-registry/barycenter" in container["image"] and "@" not in container["image"]:
                        self.assertEqual(container["image"], f"your-registry/barycenter:{VERSION}", where)

    def test_everything_that_the_guide_names_is_there(self):
        """Kinds and names of the guide, the names of ports and files, the command of the sync."""
        ours = {key(document) for found in support.everything().values() for document in found}
        ours.add(("Job", "barycenter-user-sync"))  # jobs/user-sync-job.yaml has generateName: barycenter-user-sync-
        for path in sorted(GUIDE.glob("*.yaml")):
            for document in support.documents(path.read_text()):
                self.assertIn(key(document), ours, path.name)
        for name in ("namespace", "configmap", "secret", "pvc", "deployment", "service-public", "service-admin", "ingress"):
            self.assertTrue((KUBERNETES / f"{name}.yaml").is_file(), name)
        guides = find(support.documents((GUIDE / "barycenter-deployment.yaml").read_text()), "Deployment", "barycenter")
        our = find(kustomize(KUBERNETES), "Deployment", "barycenter")
        for side in ("initContainers", "containers"):
            for theirs, mine in zip(guides["spec"]["template"]["spec"][side], our["spec"]["template"]["spec"][side], strict=True):
                self.assertEqual((theirs["name"], theirs["resources"]), (mine["name"], mine["resources"]))
                self.assertEqual(theirs.get("command", ["barycenterd"]), mine["command"])
                self.assertEqual(theirs.get("ports", []), mine.get("ports", []))
                mounts = {(mount["name"], mount["mountPath"]) for mount in mine["volumeMounts"]}
                self.assertLessEqual({(mount["name"], mount["mountPath"]) for mount in theirs["volumeMounts"]}, mounts)

    def test_checkov_finds_nothing_that_is_not_on_the_list(self):
        with tempfile.TemporaryDirectory() as folder:
            for number, text in enumerate(support.everything().values()):
                (pathlib.Path(folder) / f"{number}.yaml").write_text(yaml.safe_dump_all(text))
            finished = run(
                TOOLS / "venv/bin/checkov", "--directory", folder, "--framework", "kubernetes", "--compact", "--quiet",
                "--skip-download", "--output", "json", code=None,
            )  # fmt: skip
        report = json.loads(finished.stdout)
        self.assertEqual(report["summary"]["parsing_errors"], 0)
        self.assertGreater(report["summary"]["passed"], 500)
        used = set()
        for failed in report["results"]["failed_checks"]:
            kind = failed["resource"].split(".")[0]
            reasons = [entry for entry in ((failed["check_id"], kind), (failed["check_id"], None)) if entry in ACCEPTED]
            self.assertTrue(reasons, f"{failed['check_id']} {failed['check_name']}: {failed['resource']}")
            used.add(reasons[0])
        self.assertEqual(used, set(ACCEPTED), "the list of accepted findings has more than is found")


if __name__ == "__main__":
    unittest.main()

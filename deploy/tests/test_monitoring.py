"""deploy/monitoring: alerts that Prometheus takes and that fire when they should, and no metric that is not there."""

import json
import re
import unittest

import yaml

import support
from support import DEPLOY, KUBERNETES, ROOT, run

ALERTS = DEPLOY / "monitoring/alerts.yaml"
DASHBOARD = DEPLOY / "monitoring/dashboard.json"

# What Prometheus and blackbox_exporter make themselves.
OTHERS = {"up", "probe_success", "probe_ssl_earliest_cert_expiry"}


def metrics():
    """Returns the metrics of the daemon, each with its labels and their values, as the table at the head of its module has them."""
    folder = ROOT / "barycenterd/src/metrics"
    path = folder / "mod.rs" if folder.is_dir() else folder.with_suffix(".rs")
    rows = re.findall(r"^//! \| `(\w+)` \|([^|]*)\|", path.read_text(), re.M)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def used(expression):
    """Returns the names of metrics in an expression."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]', " ", expression)
    bare = re.sub(r"\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    return {
        word
        for word in re.findall(r"\b[a-z_][a-z0-9_]*\b(?!\s*\()", bare)
        if word not in ("and", "or", "unless", "offset", "bool", "by", "on") and not re.fullmatch(r"[smhdwy]", word)
    }


class Monitoring(unittest.TestCase):
    def expressions(self):
        rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
        panels = json.loads(DASHBOARD.read_text())["panels"]
        yield from ((rule["alert"], rule["expr"]) for rule in rules)
        yield from ((panel["title"], target["expr"]) for panel in panels for target in panel.get("targets", []))

    def test_prometheus_takes_the_alerts(self):
        run("promtool", "check", "rules", ALERTS)

    def test_alerts_fire_when_they_should_and_only_then(self):
        run("promtool", "test", "rules", DEPLOY / "monitoring/alerts.test.yaml")

    def test_prometheus_takes_the_expressions_of_the_dashboard(self):
        """As rules, with what Grafana fills in filled in."""
        rules = []
        for number, (_, expression) in enumerate(self.expressions()):
            expression = expression.replace("$__rate_interval", "1m").replace("$job", ".*")
            rules.append({"record": f"check:number_{number}", "expr": expression})
        path = support.TOOLS / "dashboard-rules.yaml"
        path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
        run("promtool", "check", "rules", path)

    def test_every_metric_is_one_of_the_daemons(self):
        known = metrics()
        self.assertGreater(len(known), 5)
        for where, expression in self.expressions():
            for name in used(expression) - OTHERS:
                base = re.sub(r"_(bucket|count|sum)$", "", name)
                self.assertTrue(name in known or base in known, f"{where}: {name}")
        labels = {label for of in known.values() for label in of} | {"job", "instance", "le", "exported_job"}
        for where, expression in self.expressions():
            named = re.findall(r"[{,]\s*(\w+)\s*(?:=~|!~|!=|=)", expression)
            named += [word for words in re.findall(r"(?:by|on)\s*\(([^)]*)\)", expression) for word in re.findall(r"\w+", words)]
            self.assertLessEqual(set(named), labels, where)

    def test_every_metric_that_an_operator_may_look_for_is_on_the_dashboard(self):
        shown = {name for _, expression in self.expressions() for name in used(expression)}
        shown |= {re.sub(r"_(bucket|count|sum)$", "", name) for name in shown}
        hidden = set(metrics()) - shown
        accepted = {
            "process_start_time_seconds", "process_threads", "process_virtual_memory_bytes", "barycenter_replicas",
            "barycenter_start_time_seconds",
        }  # fmt: skip
        self.assertLessEqual(hidden, accepted)

    def test_the_dashboard_is_one_that_grafana_takes(self):
        dashboard = json.loads(DASHBOARD.read_text())
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        variables = {variable["name"] for variable in dashboard["templating"]["list"]}
        for name in re.findall(r"\$\{?([a-z]\w*)", DASHBOARD.read_text()):
            self.assertIn(name, variables)
        taken = set()
        for panel in dashboard["panels"]:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertLessEqual(at["x"] + at["w"], 24)
            self.assertFalse(taken & cells, f"{panel['title']} lies on another panel")
            taken |= cells

    def test_kubernetes_gets_them_with_and_without_the_operator(self):
        found = support.kustomize(KUBERNETES / "monitoring")
        kinds = {document["kind"] for document in found}
        self.assertEqual(kinds, {"ServiceMonitor", "PrometheusRule", "NetworkPolicy", "ConfigMap"})
        monitor = support.find(found, "ServiceMonitor", "barycenter")["spec"]
        services = [document for document in support.kustomize(KUBERNETES) if document["kind"] == "Service"]
        chosen = [service for service in services if support.matches(monitor["selector"], service["metadata"]["labels"])]
        self.assertEqual([service["metadata"]["name"] for service in chosen], ["barycenter-admin"])
        self.assertIn(monitor["endpoints"][0]["port"], [port["name"] for port in chosen[0]["spec"]["ports"]])
        rules = yaml.safe_load(ALERTS.read_text())["groups"]
        self.assertEqual(support.find(found, "PrometheusRule", "barycenter")["spec"]["groups"], rules)
        chart = support.chart("everything.yaml")
        self.assertEqual(support.find(chart, "PrometheusRule", "barycenter")["spec"]["groups"], rules)
        dashboard = json.loads(support.find(chart, "ConfigMap", "barycenter-dashboard")["data"]["barycenter.json"])
        self.assertEqual(dashboard, json.loads(DASHBOARD.read_text()))


if __name__ == "__main__":
    unittest.main()

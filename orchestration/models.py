"""The dbt models as Dagster assets.

Belongs here: which models a run builds, and turning dbt's results into asset events. Not here:
running them (`orchestration.transform`), the models themselves (`dbt_project/`).

A refresh builds only what hangs on raw
tables that differ from those of the last completed run. Marts that stay as they are are reported
all the same, or the release step would be skipped.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from orchestration.dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets
from orchestration.event_log import together
from orchestration.fingerprints import product_hashes
from orchestration.manifest import Manifest, downstream_models, in_order, source_id
from orchestration.progress import Counter, say
from orchestration.resources import WarehouseResource
from orchestration.standing import fingerprints, held_tables
from orchestration.transform import NodeResult, build
from warehouse.database import open_database
from warehouse.state import State, read_state

_UNIQUE_ID = "dagster_dbt/unique_id"
_DIRECTION = re.compile(r"(?:^|_)(d[1-9])_")
# What makes every model and seed stale.
_EVERYTHING = ("dbt", "config")
_UNCHANGED = "без изменений"


class Translator(DagsterDbtTranslator):
    """Groups by direction and Russian descriptions."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return group_of(dbt_resource_props)

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """The test as a check that does not block: the step fails by itself if a test does.

        Dagster would warn of each blocking check of a model that was not built.
        """
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec and dg.AssetCheckSpec(
            spec.name,
            asset=spec.asset_key,
            description=spec.description,
            additional_deps=[dep.asset_key for dep in spec.additional_deps],
            metadata=spec.metadata,
        )

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props.get("description") or dbt_resource_props["name"])


def group_of(node: Mapping[str, Any]) -> str:
    """Group of a dbt node: its direction if its name says so, else its layer."""
    if node["resource_type"] == "seed":
        return "reference"
    folders = node["fqn"][1:-1]
    direction = _DIRECTION.search(node["name"])
    if direction and "staging" not in folders:
        return direction.group(1)
    if "analysis" in folders:
        return "analysis"
    return "indicators" if folders[0] in ("marts", "measures", "values") else str(folders[0])


@dataclass(frozen=True)
class Choice:
    """What is to be built: unique ids of models and seeds, and how many of them are models."""

    nodes: tuple[str, ...]
    models: int


def choose(
    manifest: Manifest,
    state: State | None,
    hashes: Mapping[str, str],
    sources: Mapping[str, str],
    wanted: Sequence[str] | None,
) -> Choice:
    """Which nodes to build.

    Args:
        manifest: the parsed project.
        state: the last completed run.
        hashes: the product as it is now.
        sources: fingerprints of the sources as they are now.
        wanted: unique ids that a person picked; None for a whole refresh.
    """
    if wanted is None:
        if state is None or any(state.hashes.get(part) != hashes[part] for part in _EVERYTHING):
            wanted = [
                unique_id
                for unique_id, node in manifest["nodes"].items()
                if node["resource_type"] in ("model", "seed")
            ]
        else:
            changed = [source for source in sources if sources[source] != state.sources.get(source)]
            roots = (source_id(manifest, source) for source in changed)
            wanted = list(downstream_models(manifest, (root for root in roots if root)))
    return Choice(
        tuple(sorted(wanted)), sum(unique_id.startswith("model.") for unique_id in wanted)
    )


def build_model_assets(manifest: Manifest) -> dg.AssetsDefinition:
    """One multi-asset over all models and seeds of the project."""

    @dbt_assets(manifest=manifest, name="models", dagster_dbt_translator=Translator())
    def models(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        settings = warehouse.settings
        key_of = {spec.metadata[_UNIQUE_ID]: spec.key for spec in context.assets_def.specs}
        selected = context.selected_asset_keys
        wanted = (
            None
            if len(selected) == len(key_of)
            else sorted(node for node, key in key_of.items() if key in selected)
        )
        with open_database(settings) as connection:
            sources = fingerprints(connection)
        choice = choose(manifest, read_state(settings), product_hashes(), sources, wanted)
        results: list[NodeResult] = []
        if choice.nodes:
            say(context.log, f"строю модели: {choice.models}")
            counter = Counter(context.log, "моделей построено {done} из {total}")
            results = build(settings, manifest, choice.nodes, counter)
        with open_database(settings) as connection:
            fails_later = bool(held_tables(connection))
            rows = dict(
                connection.execute(
                    "select table_name, estimated_size from duckdb_tables()"
                    " where schema_name in ('seeds', 'intermediate', 'marts')"
                ).fetchall()
            )
        with together(context.instance):
            yield from _events(context, manifest, key_of, results, rows, tell_all=fails_later)
        failed = [result for result in results if result.is_failed]
        if failed:
            raise dg.Failure(_describe(manifest, failed), allow_retries=False)

    return models


def _events(
    context: dg.AssetExecutionContext,
    manifest: Manifest,
    key_of: Mapping[str, dg.AssetKey],
    results: Sequence[NodeResult],
    rows: Mapping[str, int],
    *,
    tell_all: bool,
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """What became of the models and their tests.

    Models that stay as they are are told of only if they are marts, or if the run is going to
    fail: in a failed run Dagster shows red what it was told nothing of.
    """
    selected = context.selected_asset_keys
    outcome = {result.unique_id: result for result in results}
    # Dagster wants parents first.
    for unique_id in in_order(manifest):
        key = key_of.get(unique_id)
        if key is None or key not in selected:
            continue
        result = outcome.get(unique_id)
        node = manifest["nodes"][unique_id]
        metadata: dict[str, Any] = {}
        if node["name"] in rows:
            metadata["dagster/row_count"] = rows[node["name"]]
        if result is None and (tell_all or _is_mart(node)):
            metadata["состояние"] = _UNCHANGED
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        elif result is not None and result.status == "success":
            metadata |= {"состояние": "построена", "секунды": round(result.seconds, 3)}
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
    for spec in context.assets_def.check_specs:
        result = outcome.get(spec.metadata[_UNIQUE_ID])
        if spec.key not in context.selected_asset_check_keys or (result is None and not tell_all):
            continue
        yield dg.AssetCheckResult(
            asset_key=spec.asset_key,
            check_name=spec.name,
            passed=result is None or result.status in ("pass", "success"),
            severity=dg.AssetCheckSeverity.WARN
            if result is not None and result.status == "warn"
            else dg.AssetCheckSeverity.ERROR,
            metadata={"состояние": _UNCHANGED}
            if result is None
            else {"строк с нарушением": result.failures or 0, "итог": result.status},
        )


def _is_mart(node: Mapping[str, Any]) -> bool:
    return bool(node["resource_type"] == "model" and node["fqn"][1] == "marts")


def _describe(manifest: Manifest, failed: Sequence[NodeResult]) -> str:
    lines = ["модели не построены, выпуск остаётся прежним:"]
    for result in failed[:20]:
        name = manifest["nodes"][result.unique_id]["name"]
        found = f"строк с нарушением: {result.failures}; " if result.failures else ""
        lines.append(f"{name}: {result.status}; {found}{result.message}".rstrip("; "))
    return "\n".join(lines)

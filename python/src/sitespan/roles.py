"""What each role may ask of our scheduler and workers: lists of distributed's operations.

Stock Dask lets any peer do anything. Ours refuse what a peer's role has no need of, and whatever
upstream adds later is refused until somebody has read it and put it here. Read for distributed
2026.8.0. Why: docs/security.md, "Why an allowlist at the scheduler".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """What each role may ask of a server: single operations, and those inside its stream."""

    operations: Mapping[str, frozenset[str]]
    stream: Mapping[str, frozenset[str]]
    bound: Mapping[str, frozenset[str]]
    """Operations that a role may ask only about itself."""


# Coordination between tasks: semaphores and locks, events, variables, queues, shuffles.
_COORDINATION = frozenset(
    {
        "event_clear",
        "event_is_set",
        "event_set",
        "event_wait",
        "multi_lock_acquire",
        "multi_lock_release",
        "queue_create",
        "queue_get",
        "queue_put",
        "queue_qsize",
        "semaphore_acquire",
        "semaphore_close",
        "semaphore_refresh_leases",
        "semaphore_register",
        "semaphore_release",
        "semaphore_value",
        "shuffle_barrier",
        "shuffle_get",
        "shuffle_get_or_create",
        "shuffle_restrict_task",
        "variable_get",
        "variable_set",
    }
)

_CLIENT_AT_SCHEDULER = _COORDINATION | {
    "adaptive_target",
    "add_keys",
    "amm_handler",
    "benchmark_hardware",
    "broadcast",
    "call_stack",
    "check_idle",
    "dump_cluster_state_to_url",
    "dump_state",
    "echo",
    "events",
    "feed",
    "gather",
    "get_cluster_state",
    "get_error_cause",
    "get_logs",
    "get_metadata",
    "get_runspec",
    "get_story",
    "get_task_prefix_states",
    "get_task_status",
    "get_task_stream",
    "get_task_stream_index",
    "has_what",
    "identity",
    "log_event",
    "logs",
    "memory_sampler_start",
    "memory_sampler_stop",
    "nbytes",
    "ncores",
    "ncores_running",
    "performance_report",
    "processing",
    "profile",
    "proxy",
    "publish_delete",
    "publish_get",
    "publish_list",
    "publish_put",
    "rebalance",
    "register-client",
    "register_nanny_plugin",
    "register_scheduler_plugin",
    "register_worker_plugin",
    "replicate",
    "restart",
    "restart_workers",
    "retire_workers",
    "retry",
    "run_function",
    "scatter",
    "set_metadata",
    "set_restrictions",
    "start_task_metadata",
    "stop_task_metadata",
    "subscribe_worker_status",
    "terminate",
    "unregister_nanny_plugin",
    "unregister_scheduler_plugin",
    "unregister_worker_plugin",
    "update_data",
    "versions",
    "who_has",
    "worker_logs",
    "workers_to_close",
}

_WORKER_AT_SCHEDULER = _COORDINATION | {
    "heartbeat_worker",
    "log_event",
    "register-worker",
    "retire_workers",
    "set_resources",
    "unregister",
    "who_has",
}

_CLIENT_STREAM = frozenset(
    {
        "cancel-keys",
        "client-desires-keys",
        "client-releases-keys",
        "close-client",
        "heartbeat-client",
        "queue-future-release",
        "queue_release",
        "report-key",
        "subscribe-topic",
        "unsubscribe-topic",
        "update-data",
        "update-graph",
        "publish_flush_batched_send",
        "variable-future-received-confirm",
        "variable_delete",
    }
)

_WORKER_STREAM = frozenset(
    {
        "add-keys",
        "keep-alive",
        "log-event",
        "long-running",
        "release-worker-data",
        "request-refresh-who-has",
        "reschedule",
        "steal-response",
        "task-erred",
        "task-finished",
        "worker-status-change",
    }
)

_SCHEDULER_AT_WORKER = frozenset(
    {
        "actor_attribute",  # the proxy of a client that has no stream to the worker
        "actor_execute",
        "benchmark_disk",
        "benchmark_memory",
        "benchmark_network",
        "call_stack",
        "dump_state",
        "echo",
        "free_keys",
        "gather",
        "get_data",
        "get_logs",
        "get_monitor_info",
        "get_story",
        "identity",
        "keys",
        "ping",
        "plugin-add",
        "plugin-remove",
        "profile",
        "profile_metadata",
        "run",
        "run_coroutine",
        "shuffle_inputs_done",
        "shuffle_receive",
        "terminate",
        "update_data",
        "upload_file",
        "versions",
    }
)

_WORKER_AT_WORKER = frozenset(
    {"actor_attribute", "actor_execute", "echo", "get_data", "ping", "shuffle_receive"}
)

_SCHEDULER_STREAM = frozenset(
    {
        "acquire-replicas",
        "cancel-compute",
        "close",
        "compute-task",
        "free-keys",
        "refresh-who-has",
        "remove-replicas",
        "remove-worker",
        "shuffle-fail",
        "steal-request",
        "worker-status-change",
    }
)


SCHEDULER_RULES = Rules(
    operations={"client": _CLIENT_AT_SCHEDULER, "worker": _WORKER_AT_SCHEDULER},
    stream={"client": _CLIENT_STREAM, "worker": _WORKER_STREAM},
    bound={
        "worker": _WORKER_STREAM
        | {"heartbeat_worker", "register-worker", "retire_workers", "set_resources", "unregister"}
    },
)

# The scheduler does for a client whatever it asks, so a client may ask the same of a worker itself.
WORKER_RULES = Rules(
    operations={
        "scheduler": _SCHEDULER_AT_WORKER,
        "client": _SCHEDULER_AT_WORKER,
        "worker": _WORKER_AT_WORKER,
    },
    stream={"scheduler": _SCHEDULER_STREAM},
    bound={},
)

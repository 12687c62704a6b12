"""What the rules of the environment say, each problem under the item it belongs to."""

from collections.abc import Iterator

from karima.env import Problem, rules
from karima.preflight.items import Context, Finding, fail, manual, ok

# Which item answers for a variable: the longest beginning of its name decides.
ITEM_OF = {
    "API_HOSTS": "cors",
    "CORS_": "cors",
    "CSRF_": "cors",
    "STOREFRONT_": "cors",
    "HANDOFF_": "cors",
    "DB_SSL_": "database-tls",
    "DB_": "credentials",
    "REDIS_": "credentials",
    "MIDTRANS_": "midtrans",
    "R2_": "r2",
    "CF_ACCESS_": "zero-trust",
    "ACCESS_": "zero-trust",
    "KRATOS_": "kratos",
    "METRICS_": "monitoring",
    "BACKUP_": "backups",
}
# What the shop can start with, and still is not ready.
NOT_READY = ("W010", "W011", "W012")
SOUND = {
    "credentials": "users and passwords are set, and no example's",
    "database-tls": "DB_SSL_MODE asks for encryption",
    "cors": "every origin is https and a public name",
    "midtrans": "the keys and addresses are production's",
    "r2": "bucket, key and public address are set",
    "zero-trust": "team and audience of the Access application are set",
    "kratos": "Kratos's addresses are https outside, internal inside",
}


def item_of(name: str) -> str:
    """Return the key of the item that answers for a variable."""
    fitting = [prefix for prefix in ITEM_OF if name.startswith(prefix)]
    return ITEM_OF[max(fitting, key=len)] if fitting else "environment"


def findings(context: Context, key: str) -> Iterator[Finding]:
    """Return what the rules say of an item's variables."""
    refused = [p for p in context.problems if item_of(p.name) == key]
    weak = [
        problem
        for problem in rules.warnings(context.environment)
        if item_of(problem.name) == key
        and problem.name not in {p.name for p in context.problems}
    ]
    yield from (_refusal(problem) for problem in refused)
    yield from (_weakness(problem) for problem in weak)
    if key == "environment":
        yield from _as_a_whole(context, refused)
    elif key in SOUND and not refused and not weak:
        yield ok(SOUND[key])


def _refusal(problem: Problem) -> Finding:
    return fail(f"{problem.name} is refused ({problem.rule})", problem.mend)


def _weakness(problem: Problem) -> Finding:
    state = fail if problem.rule in NOT_READY else manual
    return state(f"{problem.name} needs attention ({problem.rule})", problem.mend)


def _as_a_whole(context: Context, own: list[Problem]) -> Iterator[Finding]:
    app_env = context.environment.app_env
    if app_env != "production":
        yield fail(f"APP_ENV is {app_env}", "set APP_ENV=production")
    elsewhere = len(context.problems) - len(own)
    if elsewhere:
        yield fail(
            f"the shop does not start: {elsewhere} more variables are refused",
            "see the items below that name them",
        )
    elif not own and app_env == "production":
        yield ok("the shop starts with this environment")

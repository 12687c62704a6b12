"""The two environments that were asked for, and a production that is sound."""

from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parents[2]

# As they were given, comments and placeholders included.
DEVELOPMENT_BLOCK = """\
# Application
APP_ENV=development
APP_PORT=8080

# Database (Local)
DB_HOST=db
DB_PORT=5432
DB_USER=karima_store
DB_PASSWORD=lokal
DB_NAME=karima_db
DB_SSL_MODE=disable

# Redis (Local)
REDIS_HOST=redis
REDIS_PORT=6379
REDIS_PASSWORD=

# CORS - Local Development
CORS_ORIGIN=http://localhost:3000

# Ory Kratos (Local)
KRATOS_PUBLIC_URL=http://127.0.0.1:4433
KRATOS_ADMIN_URL=http://127.0.0.1:4434
KRATOS_UI_URL=http://127.0.0.1:4455

# Midtrans (Sandbox)
MIDTRANS_SERVER_KEY=YOUR_SERVER_KEY
MIDTRANS_CLIENT_KEY=YOUR_CLIENT_KEY
MIDTRANS_API_BASE_URL=https://app.sandbox.midtrans.com/snap/v1
MIDTRANS_IS_PRODUCTION=false

# Cloudflare R2 (Dev)
R2_BUCKET_NAME=dev-testing

# Security (Dev - Weak is OK)
JWT_SECRET=super_secret_key
"""

PRODUCTION_BLOCK = """\
# Application
APP_ENV=production
APP_PORT=8080

# Database (Production)
DB_HOST=postgres.ks-backend.cloud
DB_PORT=5432
DB_USER=karima_prod
DB_PASSWORD=<strong-password>
DB_NAME=karima_prod
DB_SSL_MODE=require

# Redis (Production)
REDIS_HOST=redis.ks-backend.cloud
REDIS_PORT=6379
REDIS_PASSWORD=<strong-password>

# CORS - Production Domains
CORS_ORIGIN=https://karima.com,https://admin.ks-backend.cloud

# Ory Kratos (Production)
KRATOS_PUBLIC_URL=https://auth.ks-backend.cloud
KRATOS_ADMIN_URL=http://kratos:4434  # Internal Docker network
KRATOS_UI_URL=https://auth.ks-backend.cloud

# Midtrans (Production)
MIDTRANS_SERVER_KEY=<production-server-key>
MIDTRANS_CLIENT_KEY=<production-client-key>
MIDTRANS_API_BASE_URL=https://app.midtrans.com/snap/v1
MIDTRANS_IS_PRODUCTION=true

# Cloudflare R2 (Production)
R2_BUCKET_NAME=karima-production
R2_PUBLIC_URL=https://cdn.karima.com

# Security
JWT_SECRET=<strong-random-secret>
"""

STRONG_PASSWORD = "p@ss:/w%41#&'x=Qm7"
STRONG_SECRET = "mJ8vR2xq5TnK0sYw7ZbL4cHd9GfP1aEu6VtX3iNoBkQy+jC/MzWrDhSg"
FILLED = {
    "<strong-password>": STRONG_PASSWORD,
    "<production-server-key>": "Mid-server-Ab3dEf6hIj9kLm2n",
    "<production-client-key>": "Mid-client-Zy8xWv5uTs2rQp9o",
    "<strong-random-secret>": STRONG_SECRET,
}


def filled(block: str) -> str:
    """Return the block with its placeholders replaced by values of the right kind."""
    for placeholder, value in FILLED.items():
        block = block.replace(placeholder, value)
    return block


def as_mapping(block: str) -> dict[str, str]:
    """Return the block as `docker run --env-file` reads it: comments kept in values."""
    lines = [line for line in block.splitlines() if line and line[0] != "#"]
    return dict(line.split("=", 1) for line in lines)


def good_production() -> dict[str, str]:
    """Return a production environment that nothing is to be said against."""
    values = dotenv_values(ROOT / "tests/production.env", interpolate=False)
    return {name: value or "" for name, value in values.items()}

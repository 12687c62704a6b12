"""Refusals as RFC 9457 problem documents, for views inside and outside DRF."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse
from psycopg_pool import PoolTimeout

from karima import connections, request_id
from karima.errors import StoreError

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"

# The sentence a customer reads when the rule that refused has none of its own.
DETAILS = {
    "bad_request": "Permintaan tidak dapat dipahami.",
    "invalid": "Data yang dikirim belum benar. Silakan periksa kembali.",
    "malformed_json": "Isi permintaan bukan JSON yang benar.",
    "duplicate_member": "Isi JSON memuat nama yang sama lebih dari satu kali.",
    "too_deep": "Isi JSON terlalu bertingkat.",
    "bad_number": "Isi JSON memuat angka yang tidak sah.",
    "body_too_large": "Isi permintaan terlalu besar.",
    "not_authenticated": "Silakan masuk terlebih dahulu.",
    "forbidden": "Anda tidak memiliki izin untuk tindakan ini.",
    "not_found": "Data tidak ditemukan.",
    "method_not_allowed": "Metode ini tidak tersedia untuk alamat tersebut.",
    "not_acceptable": "Format jawaban yang diminta tidak tersedia.",
    "unsupported_media_type": "Kirim data sebagai application/json.",
    "rate_limited": "Terlalu banyak permintaan. Silakan coba beberapa saat lagi.",
    "server_error": "Terjadi kesalahan pada sistem kami. Silakan coba kembali.",
    "database_unavailable": (
        "Layanan sedang tidak tersedia. Silakan coba beberapa saat lagi."
    ),
    "database_busy": "Toko sedang sangat ramai. Silakan coba beberapa saat lagi.",
    "cross_origin": "Permintaan dari situs lain tidak diizinkan.",
    "https_required": "Gunakan https untuk alamat ini.",
}


def is_busy(error: BaseException) -> bool:
    """Say whether the database is there and all connections of the pool are in use."""
    return isinstance(error.__cause__, PoolTimeout) and not connections.REFUSED.is_set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One refusal. `errors` are rows of `{field, code, message}`."""

    status: int
    code: str
    title: str = ""
    detail: str = ""
    errors: Sequence[Mapping[str, Any]] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_error(cls, error: StoreError) -> "Problem":
        """Return the problem that tells of a store error."""
        headers = dict(error.headers)
        if error.retry_after_seconds is not None:
            headers["Retry-After"] = str(error.retry_after_seconds)
        return cls(
            status=error.status,
            code=error.code,
            title=error.title,
            detail=str(error.detail),
            errors=error.errors,
            extra=error.extra,
            headers=headers,
        )

    @classmethod
    def from_outage(cls, error: Exception) -> "Problem":
        """Return the problem that tells of a database away, which goes to the log."""
        code, seconds = "database_unavailable", "5"
        if is_busy(error):
            code, seconds = "database_busy", "2"
        logger.error(code, exc_info=error)
        return cls(status=503, code=code, headers={"Retry-After": seconds})

    def document(self, *, instance: str) -> dict[str, Any]:
        """Return the members of the document; `instance` is the path asked for."""
        return {
            **self.extra,
            "type": f"urn:karima:problem:{self.code}",
            "title": self.title or HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail or DETAILS.get(self.code, DETAILS["bad_request"]),
            "instance": instance,
            "code": self.code,
            "errors": list(self.errors),
            "request_id": request_id.current(),
        }


def problem_response(request: HttpRequest, problem: Problem) -> JsonResponse:
    """Return the answer that carries the problem. Never to be cached."""
    response = JsonResponse(
        problem.document(instance=request.path),
        status=problem.status,
        content_type=CONTENT_TYPE,
        headers=dict(problem.headers),
    )
    response["Cache-Control"] = "no-store"
    return response

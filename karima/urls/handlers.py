"""The error handlers that every URL map uses."""

handler400 = "karima.error_pages.bad_request"
handler403 = "karima.error_pages.forbidden"
handler404 = "karima.error_pages.not_found"
handler500 = "karima.error_pages.server_error"

__all__ = ["handler400", "handler403", "handler404", "handler500"]

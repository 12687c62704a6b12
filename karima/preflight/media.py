"""The bucket of the photos: an object is put, read and removed."""

import secrets
from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from storages.backends.s3 import S3Storage

from karima.preflight.items import Context, Finding, fail, ok

FOLDER = "preflight"
MENDS = {
    "AccessDenied": "give the token `Object Read & Write` on this bucket",
    "InvalidAccessKeyId": "compare R2_ACCESS_KEY_ID with the token's",
    "SignatureDoesNotMatch": "compare R2_SECRET_ACCESS_KEY with the token's",
    "NoSuchBucket": "compare R2_BUCKET_NAME with the buckets of the account",
    "RequestTimeTooSkewed": "synchronise the clock of this machine",
}


def bucket(context: Context) -> Iterator[Finding]:
    """Say whether a photo can be put into the bucket, read and removed."""
    if not isinstance(default_storage, S3Storage) and not isinstance(
        getattr(default_storage, "_wrapped", None), S3Storage
    ):
        yield fail("photos are kept on this machine", "set the variables of R2")
        return
    name, content = f"{FOLDER}/{secrets.token_hex(8)}.txt", secrets.token_bytes(16)
    try:
        kept = default_storage.save(name, ContentFile(content))
        try:
            with default_storage.open(kept) as file:
                is_same = file.read() == content
        finally:
            default_storage.delete(kept)
        is_gone = not default_storage.exists(kept)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        mend = MENDS.get(code, "compare the variables of R2 with its dashboard")
        yield fail(f"R2 refuses: {code or 'it gives no reason'}", mend)
    except (BotoCoreError, OSError) as error:
        mend = "compare R2_ACCOUNT_ID with the dashboard's; is R2 reachable from here?"
        yield fail(f"R2 does not answer ({type(error).__name__})", mend)
    else:
        yield _verdict(is_same=is_same, is_gone=is_gone)


def _verdict(*, is_same: bool, is_gone: bool) -> Finding:
    if is_same and is_gone:
        return ok("an object was put, read and removed")
    what = "removed" if is_same else "read as it was written"
    return fail(f"an object could not be {what}", "look at the bucket's rules")

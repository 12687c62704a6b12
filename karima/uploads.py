"""What an upload may weigh: it is cut off while it arrives, not when it is here."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Let no file on the disk grow past FILE_UPLOAD_MAX_SIZE; answer 413 instead."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > settings.FILE_UPLOAD_MAX_SIZE_BYTES:
            self.upload_interrupted()
            raise RequestDataTooBig("The file exceeded FILE_UPLOAD_MAX_SIZE.")
        self.file.write(raw_data)

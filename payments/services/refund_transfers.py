"""Refunds by bank transfer: where to, under lock and key, and the proof that it went.

Virtual accounts and counters cannot be refunded by Midtrans. A person transfers the
money from the shop's bank, and the shop keeps the receipt.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from karima import encryption
from karima.errors import Conflict, Invalid
from payments.models import Refund
from payments.services import applying, refund_ledger

MAX_PROOF_BYTES = 5 * 1024 * 1024
# By the first bytes, whatever the file is called.
PROOF_TYPES = {
    b"%PDF-": ("pdf", "application/pdf"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
    b"\x89PNG\r\n\x1a\n": ("png", "image/png"),
}


class BadProof(Invalid):
    code = "bad_proof"
    title = "Bad proof"
    detail = "Bukti harus berupa PDF, JPG, atau PNG sampai 5 MB."


class BankAccountRequired(Conflict):
    code = "bank_account_required"
    title = "Bank account required"
    detail = "Isi rekening pembeli lebih dahulu."


class NoTransferDue(Conflict):
    code = "no_transfer_due"
    title = "No transfer due"
    detail = "Pengembalian ini tidak menunggu transfer."


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where the money goes: digits only in `number`."""

    bank: str
    number: str
    holder: str


@sensitive_variables()
def sealed(account: BankAccount | None) -> str:
    """Return the account as the database keeps it, or an empty text for none."""
    return encryption.encrypt(json.dumps(asdict(account))) if account else ""


@sensitive_variables()
def account_of(refund: Refund) -> BankAccount | None:
    """Return the account of a refund. Raises `encryption.Unreadable`."""
    if not refund.bank_account:
        return None
    return BankAccount(**json.loads(encryption.decrypt(refund.bank_account)))


@sensitive_variables()
def set_account(refund_id: UUID, account: BankAccount) -> None:
    """Write down where a transfer goes, until it has gone.

    What a second person has approved waits for one again: they approved another
    account, or none. Opens its own transaction. Raises `NoTransferDue`.
    """
    with transaction.atomic(durable=True):
        refund = refund_ledger.lock_refund(refund_id)
        is_open = refund.state in (Refund.State.WAITING, Refund.State.REQUESTED)
        if refund.kind != Refund.Kind.MANUAL or not is_open:
            raise NoTransferDue()
        refund.bank_account = sealed(account)
        if refund.needs_approval:
            refund.state = Refund.State.WAITING
            refund.decided_by = refund.decided_at = None
        refund.save()


def record_transfer(
    refund_id: UUID, *, proof: bytes, reference: str, actor: User
) -> None:
    """Close a refund that somebody has paid at the bank, with the receipt.

    The file is stored before the transaction and removed when it fails. Raises
    `BadProof`, `NoTransferDue` or `BankAccountRequired`.
    """
    name = private_files().save(_name(refund_id, proof), ContentFile(proof))
    try:
        _close(refund_id, proof=name, reference=reference, actor=actor)
    except BaseException:
        # Unless it is the receipt of an earlier, successful call.
        if not Refund.objects.filter(pk=refund_id, proof=name).exists():
            private_files().delete(name)
        raise


def content_type(proof: str) -> str:
    """Return the media type of a stored receipt."""
    return {end: kind for end, kind in PROOF_TYPES.values()}[proof.rpartition(".")[2]]


def private_files() -> Storage:
    return storages["private"]


def _close(refund_id: UUID, *, proof: str, reference: str, actor: User) -> None:
    with transaction.atomic(durable=True):
        refund = refund_ledger.lock_refund(refund_id)
        due = (refund.kind, refund.state) == (
            Refund.Kind.MANUAL,
            Refund.State.REQUESTED,
        )
        if not due:
            raise NoTransferDue()
        if not refund.bank_account:
            raise BankAccountRequired()
        refund.proof, refund.paid_by = proof, actor
        refund.transfer_reference = reference[:100]
        refund_ledger.confirm(refund, at=timezone.now())
        paid = refund.transaction
        paid.returned_total += refund.amount
        paid.save(update_fields=["returned_total", "updated_at"])
        applying.settle_order(refund.order)


def _name(refund_id: UUID, proof: bytes) -> str:
    if len(proof) > MAX_PROOF_BYTES:
        raise BadProof()
    for magic, (ending, _) in PROOF_TYPES.items():
        if proof.startswith(magic):
            digest = hashlib.sha256(proof).hexdigest()[:16]
            return f"refunds/{refund_id}/{digest}.{ending}"
    raise BadProof()

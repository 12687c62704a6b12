"""Certificates for the proxy's tests, signed by an authority of the test's own."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority; `certificate` and `key` are its own."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls, name: str) -> "Authority":
        """Return an authority that nobody trusts yet."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        basic = x509.BasicConstraints(ca=True, path_length=0)
        certificate = (
            _unsigned(subject, subject, key)
            .add_extension(basic, critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key)

    def write(self, path: Path) -> Path:
        """Write the authority's certificate, for those who shall trust it."""
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def issue(self, folder: Path, stem: str, hosts: list[str]) -> x509.Certificate:
        """Write `stem.crt` and `stem.key` for the hosts and return the certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        issuer = self.certificate.subject
        certificate = (
            _unsigned(_name(hosts[0]), issuer, key)
            .add_extension(names, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        (folder / f"{stem}.crt").write_bytes(certificate.public_bytes(pem))
        private = key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (folder / f"{stem}.key").write_bytes(private)
        return certificate


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=30))
    )

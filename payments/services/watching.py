"""All that is watched, of every app, in the order of imports."""

import accounts.services.readings
import catalog.services.invariants
import catalog.services.readings
import orders.services.invariants
import orders.services.readings
import payments.services.invariants
import payments.services.readings
from karima import readings

INVARIANTS = (
    *catalog.services.invariants.INVARIANTS,
    *orders.services.invariants.INVARIANTS,
    *payments.services.invariants.INVARIANTS,
)
READINGS = (
    *readings.READINGS,
    *accounts.services.readings.READINGS,
    *catalog.services.readings.READINGS,
    *orders.services.readings.READINGS,
    *payments.services.readings.READINGS,
)

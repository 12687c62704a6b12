# From sign-in to a paid order. Needs bash, curl and python3; paste it or run it.
SHOP=${SHOP:-http://127.0.0.1:8080} KRATOS=${KRATOS:-http://127.0.0.1:4433}
get() { python3 -c "import json, sys; shop = json.load(sys.stdin); print($1)"; }
post() { curl -sS -H 'Content-Type: application/json' "$@"; }

# 1. Sign in as Aisyah through Kratos.
FLOW=$(curl -sS "$KRATOS/self-service/login/api" | get 'shop["ui"]["action"]')
TOKEN=$(post "$FLOW" -d '{"method": "password", "identifier": "aisyah@karima.example", "password": "karima-demo-2026"}' | get 'shop["session_token"]')

# 2. Look around, and choose something that is in stock.
curl -sS "$SHOP/api/v1/products?limit=2" | python3 -m json.tool --no-ensure-ascii
SLUG=$(curl -sS "$SHOP/api/v1/products" | get 'next(p["slug"] for p in shop["results"] if p["in_stock"])')
SKU=$(curl -sS "$SHOP/api/v1/products/$SLUG" | get 'next(v["sku"] for v in shop["variants"] if v["available"])')

# 3. Put one into the cart.
post "$SHOP/api/v1/cart/items" -H "Authorization: Bearer $TOKEN" -d '{"sku": "'"$SKU"'", "quantity": 1}' | python3 -m json.tool --no-ensure-ascii

# 4. Check out. The same key sent twice makes one order.
KEY=$(python3 -c 'import uuid; print(uuid.uuid4())')
CONTACT='{"name": "Aisyah Putri", "email": "aisyah@karima.example", "phone": "+6281234567801"}'
ADDRESS='{"receiver_name": "Aisyah Putri", "phone": "+6281234567801", "province": "DKI Jakarta", "city": "Jakarta Selatan", "district": "Tebet", "subdistrict": "Tebet Timur", "postal_code": "12820", "detail": "Jl. Tebet Timur Dalam II No. 7"}'
PLACED=$(post "$SHOP/api/v1/checkout" -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: $KEY" -d '{"contact": '"$CONTACT"', "shipping_address": '"$ADDRESS"', "accept_terms": true}')
echo "$PLACED" | python3 -m json.tool --no-ensure-ascii
NUMBER=$(echo "$PLACED" | get 'shop["order"]["number"]')

# 5. The payment page: open it in a browser and choose, or pay from here.
PAGE=$(echo "$PLACED" | get 'shop["payment"]["redirect_url"]')
echo "$PAGE"
curl -sS -o /dev/null "$PAGE" -d action=pay -d method=other_qris

# 6. Midtrans notifies the shop within a second or two; then the order is paid.
for TRY in 1 2 3 4 5 6 7 8 9 10; do ORDER=$(curl -sS "$SHOP/api/v1/orders/$NUMBER" -H "Authorization: Bearer $TOKEN"); case "$ORDER" in *'"confirmed"'*) break ;; esac; sleep 1; done
echo "$ORDER" | python3 -m json.tool --no-ensure-ascii

// Only what the shop needs: never ctx.request_headers or ctx.request_cookies.
function(ctx) {
  event: 'identity.registered',
  identity_id: ctx.identity.id,
  schema_id: ctx.identity.schema_id,
  state: ctx.identity.state,
  flow_id: ctx.flow.id,
  flow_type: ctx.flow.type,
}

// Calls to the API. An answer that is a refusal becomes an ApiError.
import { config } from "./config.js";
import { credentials, authorization } from "./auth.js";

const OFFLINE = "Toko tidak dapat dihubungi. Periksa sambungan Anda, lalu coba lagi.";

export class ApiError extends Error {
  // `problem` is the API's problem document (RFC 9457); `detail` is for customers.
  constructor(status, problem) {
    super(problem.detail || OFFLINE);
    this.status = status;
    this.code = problem.code || "unreachable";
    this.errors = problem.errors || [];
  }
}

export async function call(method, path, { body, headers = {} } = {}) {
  const request = {
    method,
    credentials: credentials(),
    headers: { Accept: "application/json", ...authorization(), ...headers },
  };
  if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(`${config.apiUrl}/api/v1${path}`, request);
  } catch {
    // No answer says nothing: the request may have been carried out.
    throw new ApiError(0, {});
  }
  const document = response.status === 204 ? null : await readJson(response);
  if (!response.ok) throw new ApiError(response.status, document || {});
  return document;
}

async function readJson(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

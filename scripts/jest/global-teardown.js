/** Stops what global-setup.js started; both run in the same process. */
export default async function stopServers() {
  await Promise.all((globalThis.orgtrailTestServers ?? []).map((server) => server.stop()));
}

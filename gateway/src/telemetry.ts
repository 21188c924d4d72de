// Apollo's gateway reports its use to its maker unless this variable is set before a gateway is made; it has no option for it.
// biome-ignore lint/style/noProcessEnv: written for a library, not read
process.env.APOLLO_TELEMETRY_DISABLED = '1';

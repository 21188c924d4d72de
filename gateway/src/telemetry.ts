import { setForLibrary } from '@qtm/service-kit/process';

// Apollo's gateway reports its use to its maker unless this is set before a gateway is made; it has no option for it.
setForLibrary('APOLLO_TELEMETRY_DISABLED', '1');

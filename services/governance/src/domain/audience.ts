/** Who governs a task: the network, or the operator the requester addressed (S3:35-38). */
export type Audience = 'ADMIN' | 'OPERATOR';

/**
 * A certificate for 127.0.0.1 that nobody has signed, with its key, valid until 2126. For servers that
 * a client must refuse; made by
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=self-signed.test -addext subjectAltName=IP:127.0.0.1,DNS:localhost`
 */
export const SELF_SIGNED: { readonly key: string; readonly cert: string } = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgW2fofpYu4P6NOxOe
vg0JwE+DH8DDLBxYT5WjwPAtPHuhRANCAATiFU0blIhEtATzOiNYjQL3HvW6SBCg
a4F5vnNNW6vIXRoIQ2mUjroS6smzg3GUi/YdhOkXt19nzuXBORQJ3eD5
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBqDCCAU+gAwIBAgIUMpiDKINpHo1lfiEzzzWH9h5WfUUwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQc2VsZi1zaWduZWQudGVzdDAgFw0yNjExMjQxMjI0NDZaGA8y
MTI2MTAzMTEyMjQ0NlowGzEZMBcGA1UEAwwQc2VsZi1zaWduZWQudGVzdDBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABOIVTRuUiES0BPM6I1iNAvce9bpIEKBrgXm+
c01bq8hdGghDaZSOuhLqybODcZSL9h2E6Re3X2fO5cE5FAnd4PmjbzBtMB0GA1Ud
DgQWBBRGjkAWPe70jLJEXa64fdCOLQkXpjAfBgNVHSMEGDAWgBRGjkAWPe70jLJE
Xa64fdCOLQkXpjAPBgNVHRMBAf8EBTADAQH/MBoGA1UdEQQTMBGHBH8AAAGCCWxv
Y2FsaG9zdDAKBggqhkjOPQQDAgNHADBEAiA3tcB4sC6uYP4JQkwBrEzoHieFWLrX
y42JmExAIOjtrAIgImy0fhYH6cwvg1hyUsLwp3OLetoyig3pdkuw8fE6vs4=
-----END CERTIFICATE-----`,
}

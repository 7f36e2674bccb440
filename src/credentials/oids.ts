/** Object identifiers of certificates; RFC 5280 and RFC 3820 where nothing else is said. */
export const oids = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  rsaWithSha256: '1.2.840.113549.1.1.11',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  /** RFC 3820: what makes a certificate a proxy, and how much its holder may do. */
  proxyCertInfo: '1.3.6.1.5.5.7.1.14',
  inheritAll: '1.3.6.1.5.5.7.21.1',
  independent: '1.3.6.1.5.5.7.21.2',
  /** Globus: may do everything but start jobs. */
  limited: '1.3.6.1.4.1.3536.1.1.1.9',
  /** DIRAC: the group, an IA5String. */
  diracGroup: '1.2.42.42',
  /** VOMS: attribute certificates. */
  vomsAttributes: '1.3.6.1.4.1.8005.100.100.5',
} as const;

/** Hash of a signature by the OID of its algorithm. */
export const hashOfSignature: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};

{{/* Pod Security Standard "restricted", and more: a read-only root file system. Not a value, so that no value can weaken it. */}}
{{- define "orgtrail.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "orgtrail.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "orgtrail.databaseEnv" -}}
- name: DATABASE_URL_FILE
  value: /var/run/secrets/orgtrail/database/{{ .Values.database.key }}
{{- end -}}

{{/* dict root, service. */}}
{{- define "orgtrail.processEnv" -}}
- name: LOG_LEVEL
  value: {{ .service.logLevel }}
- name: START_TIMEOUT_SECONDS
  value: {{ .root.Values.startTimeoutSeconds | quote }}
{{- end -}}

{{- define "orgtrail.databaseVolume" -}}
- name: database
  secret:
    secretName: {{ .Values.database.existingSecret }}
    defaultMode: 0440
{{- end -}}

{{- define "orgtrail.kafkaEnv" -}}
{{- $kafka := .Values.kafka -}}
{{- if $kafka.brokers }}
- name: KAFKA_BROKERS
  value: {{ join "," $kafka.brokers | quote }}
{{- end }}
{{- if $kafka.tls.enabled }}
- name: KAFKA_TLS
  value: 'true'
{{- end }}
{{- if $kafka.caFromSecret }}
- name: KAFKA_TLS_CA_FILE
  value: /var/run/secrets/orgtrail/kafka/ca.crt
{{- end }}
{{- if $kafka.clientCertificateFromSecret }}
- name: KAFKA_TLS_CERT_FILE
  value: /var/run/secrets/orgtrail/kafka/tls.crt
- name: KAFKA_TLS_KEY_FILE
  value: /var/run/secrets/orgtrail/kafka/tls.key
{{- end }}
{{- with $kafka.sasl.mechanism }}
- name: KAFKA_SASL_MECHANISM
  value: {{ . }}
- name: KAFKA_SASL_USERNAME_FILE
  value: /var/run/secrets/orgtrail/kafka/username
- name: KAFKA_SASL_PASSWORD_FILE
  value: /var/run/secrets/orgtrail/kafka/password
{{- end }}
{{- end -}}

{{/* What only discovery needs: AWS, the API, and the integration of the values. */}}
{{- define "orgtrail.discoveryEnv" -}}
{{- $aws := .Values.aws -}}
{{- $integration := .Values.integration -}}
- name: AWS_REGION
  value: {{ $aws.region }}
{{- with $aws.endpointUrl }}
- name: AWS_ENDPOINT_URL
  value: {{ . | quote }}
{{- end }}
{{- with $aws.existingSecret }}
- name: AWS_ACCESS_KEY_ID
  valueFrom:
    secretKeyRef: { name: {{ . }}, key: access-key-id }
- name: AWS_SECRET_ACCESS_KEY
  valueFrom:
    secretKeyRef: { name: {{ . }}, key: secret-access-key }
- name: AWS_SESSION_TOKEN
  valueFrom:
    secretKeyRef: { name: {{ . }}, key: session-token, optional: true }
{{- end }}
{{- if $aws.filesSecret }}
- name: AWS_CONFIG_FILE
  value: /var/run/secrets/orgtrail/aws/config
- name: AWS_SHARED_CREDENTIALS_FILE
  value: /var/run/secrets/orgtrail/aws/credentials
{{- if $aws.caFromSecret }}
- name: NODE_EXTRA_CA_CERTS
  value: /var/run/secrets/orgtrail/aws/ca.crt
{{- end }}
{{- end }}
{{- include "orgtrail.apiEnv" .Values.discovery.api }}
{{- if .Values.discovery.webhook.enabled }}
- name: WEBHOOK_PORT
  value: '8086'
{{- end }}
{{- if $integration.enabled }}
{{- with $integration.name }}
- name: ORGTRAIL_NAME
  value: {{ . | quote }}
{{- end }}
{{- with $integration.roleArn }}
- name: ORGTRAIL_ROLE_ARN
  value: {{ . | quote }}
{{- end }}
{{- if $integration.existingSecret }}
- name: ORGTRAIL_EXTERNAL_ID_FILE
  value: /var/run/secrets/orgtrail/integration/external-id
{{- end }}
{{- with $integration.queueUrl }}
- name: ORGTRAIL_QUEUE_URL
  value: {{ . | quote }}
{{- end }}
{{- with $integration.forwardingAccountIds }}
- name: ORGTRAIL_FORWARDING_ACCOUNT_IDS
  value: {{ join "," . | quote }}
{{- end }}
- name: CONFIGURE_ORGANIZATION_ACCOUNTS
  value: {{ $integration.configureOrganizationAccounts | quote }}
- name: FULL_SYNC_INTERVAL_SECONDS
  value: {{ int64 $integration.fullSyncIntervalSeconds | quote }}
{{- else }}
- name: ORGTRAIL_INTEGRATION
  value: none
{{- end }}
{{- end -}}

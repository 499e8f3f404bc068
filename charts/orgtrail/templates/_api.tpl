{{/* What lets a service's administration API be reached by others, who show a token. In: the service's values of it. */}}
{{- define "orgtrail.apiEnv" -}}
{{- if .existingSecret }}
- name: API_HOST
  value: 0.0.0.0
- name: API_TOKENS_FILE
  value: /var/run/secrets/orgtrail/api/tokens
{{- end }}
{{- end -}}

{{/* Its Service. dict: root, part, port */}}
{{- define "orgtrail.apiService" -}}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "orgtrail.partName" . }}
  labels:
    {{- include "orgtrail.labels" . | nindent 4 }}
spec:
  # Before the service is ready, too: the API says how far it is.
  publishNotReadyAddresses: true
  selector:
    {{- include "orgtrail.selectorLabels" . | nindent 4 }}
  ports:
    - name: api
      port: {{ .port }}
      targetPort: api
      appProtocol: http
{{- end -}}

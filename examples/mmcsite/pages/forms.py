from django import forms

from .models import Note


class NoteForm(forms.ModelForm):
    class Meta:
        model = Note
        fields = ["author", "text"]
        widgets = {
            "author": forms.TextInput(attrs={"placeholder": "Your name", "autocomplete": "name"}),
            "text": forms.Textarea(attrs={"placeholder": "What you would like to say", "rows": 3}),
        }


class UploadForm(forms.Form):
    file = forms.FileField()

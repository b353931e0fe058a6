"""Tokens, rosters, the urn, and ballots with answers instead of one grade. The fields of old go in 0005."""

import django.db.models.deletion
import quxin.kernel.identifiers
from django.db import migrations, models

from quxin.ledger.guards import unguard


class Migration(migrations.Migration):

    dependencies = [
        ('commitments', '0002_guards'),
        ('evaluations', '0002_guards'),
        ('orgs', '0003_byte_order_for_official_codes'),
    ]

    operations = [
        unguard("evaluations_ballot"),
        migrations.RemoveConstraint(
            model_name='roundsubject',
            name='round_organisation_once',
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_on', models.DateField()),
                ('words', models.CharField(blank=True, default='', max_length=1000)),
                ('answered_on', models.DateField(blank=True, null=True)),
                ('answered_by', models.BigIntegerField(null=True)),
            ],
            options={
                'ordering': ['due_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Canary',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('grade', models.SmallIntegerField()),
                ('accepted', models.BooleanField()),
                ('refusal', models.CharField(blank=True, default='', max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grade', models.SmallIntegerField()),
                ('departs', models.BooleanField(default=False)),
                ('reason', models.CharField(blank=True, default='', max_length=300)),
                ('body', models.CharField(max_length=120)),
                ('decided_on', models.DateField()),
                ('decided_by', models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Envelope',
            fields=[
                ('number', models.CharField(default=quxin.kernel.identifiers.new_code, editable=False, max_length=26, primary_key=True, serialize=False)),
                ('count', models.IntegerField()),
                ('box', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='PoolToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lookup', models.CharField(max_length=64)),
                ('box', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='Pulse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('window', models.CharField(blank=True, default='', max_length=20)),
                ('count', models.IntegerField(default=0)),
                ('is_burst', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=quxin.kernel.identifiers.new_code, editable=False, max_length=20, unique=True)),
                ('words', models.CharField(max_length=1000)),
                ('said_on', models.DateField()),
                ('said_by', models.BigIntegerField()),
                ('speaker', models.CharField(max_length=120)),
                ('withdrawn_on', models.DateField(blank=True, null=True)),
                ('withdrawn_reason', models.CharField(blank=True, default='', max_length=300)),
            ],
            options={
                'ordering': ['-said_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='RosterLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.CharField(blank=True, default='', max_length=40)),
                ('number', models.CharField(max_length=26)),
                ('label', models.CharField(blank=True, default='', max_length=120)),
                ('card', models.CharField(blank=True, default='', max_length=64)),
                ('on_panel', models.BooleanField(default=False)),
                ('way', models.CharField(blank=True, choices=[('', '未领取'), ('blind', '盲签'), ('pool', '凭证池'), ('cancelled', '已注销')], default='', max_length=10)),
                ('fetched_on', models.DateField(null=True)),
                ('tokens', models.SmallIntegerField(default=0)),
                ('blinded', models.CharField(blank=True, default='', max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='RoundKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.CharField(blank=True, default='', max_length=40)),
                ('key_id', models.CharField(max_length=16, unique=True)),
                ('public', models.BinaryField()),
                ('private', models.BinaryField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='SetAside',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('witness', models.SmallIntegerField()),
                ('signature', models.BinaryField()),
                ('signed_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='Spent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.CharField(max_length=64)),
                ('message', models.BinaryField(null=True)),
                ('signature', models.BinaryField(null=True)),
                ('key', models.CharField(blank=True, default='', max_length=16)),
            ],
        ),
        migrations.AddField(
            model_name='ballot',
            name='answers',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='ballot',
            name='key',
            field=models.CharField(blank=True, default='', max_length=16),
        ),
        migrations.AddField(
            model_name='ballot',
            name='nonce',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='ballot',
            name='round',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ballots', to='evaluations.round'),
        ),
        migrations.AddField(
            model_name='round',
            name='answer_within',
            field=models.SmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='round',
            name='groups',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='round',
            name='is_shadow',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='round',
            name='kind',
            field=models.CharField(choices=[('people', '群众测评'), ('conduct', '民主评议行风'), ('peers', '党员互评'), ('members', '民主评议党员'), ('diagnosis', '机关测评'), ('service', '好差评')], default='people', max_length=20),
        ),
        migrations.AddField(
            model_name='round',
            name='opening',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='round',
            name='opening_hash',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='round',
            name='panel',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='round',
            name='questionnaire',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='round',
            name='results',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='round',
            name='statement',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='round',
            name='witnesses',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='roundsubject',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.person'),
        ),
        migrations.AlterField(
            model_name='ballot',
            name='subject',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ballots', to='evaluations.roundsubject'),
        ),
        migrations.AddConstraint(
            model_name='roundsubject',
            constraint=models.UniqueConstraint(fields=('round', 'person'), name='round_person_once'),
        ),
        migrations.AddConstraint(
            model_name='roundsubject',
            constraint=models.UniqueConstraint(condition=models.Q(('commitment__isnull', True), ('person__isnull', True)), fields=('round', 'organisation'), name='round_organisation_once'),
        ),
        migrations.AddField(
            model_name='answer',
            name='ballot',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='answer', to='evaluations.ballot'),
        ),
        migrations.AddField(
            model_name='answer',
            name='subject',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='evaluations.roundsubject'),
        ),
        migrations.AddConstraint(
            model_name='canary',
            constraint=models.UniqueConstraint(fields=('on', 'grade'), name='canary_once'),
        ),
        migrations.AddField(
            model_name='decision',
            name='subject',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='decision', to='evaluations.roundsubject'),
        ),
        migrations.AddField(
            model_name='envelope',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='envelopes', to='evaluations.round'),
        ),
        migrations.AddField(
            model_name='pooltoken',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pool', to='evaluations.round'),
        ),
        migrations.AddField(
            model_name='pulse',
            name='subject',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pulses', to='evaluations.roundsubject'),
        ),
        migrations.AddField(
            model_name='remark',
            name='commitment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commitments.commitment'),
        ),
        migrations.AddField(
            model_name='remark',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation'),
        ),
        migrations.AddField(
            model_name='rosterline',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.person'),
        ),
        migrations.AddField(
            model_name='rosterline',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roster', to='evaluations.round'),
        ),
        migrations.AddField(
            model_name='roundkey',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='evaluations.round'),
        ),
        migrations.AddField(
            model_name='roundkey',
            name='subject',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='evaluations.roundsubject'),
        ),
        migrations.AddField(
            model_name='pooltoken',
            name='key',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pool', to='evaluations.roundkey'),
        ),
        migrations.AddField(
            model_name='setaside',
            name='ballot',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='set_aside', to='evaluations.ballot'),
        ),
        migrations.AddField(
            model_name='signature',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='evaluations.round'),
        ),
        migrations.AddField(
            model_name='spent',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='spent', to='evaluations.round'),
        ),
        migrations.AddField(
            model_name='spent',
            name='subject',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='spent', to='evaluations.roundsubject'),
        ),
        migrations.AddIndex(
            model_name='pulse',
            index=models.Index(fields=['subject', 'on'], name='pulse_subject_day'),
        ),
        migrations.AddConstraint(
            model_name='rosterline',
            constraint=models.UniqueConstraint(fields=('round', 'number'), name='roster_number_once'),
        ),
        migrations.AddConstraint(
            model_name='rosterline',
            constraint=models.UniqueConstraint(fields=('round', 'person'), name='roster_person_once'),
        ),
        migrations.AddConstraint(
            model_name='rosterline',
            constraint=models.UniqueConstraint(condition=~models.Q(card=''), fields=('round', 'card'), name='roster_card_once'),
        ),
        migrations.AddConstraint(
            model_name='roundkey',
            constraint=models.UniqueConstraint(fields=('round', 'group', 'subject'), name='round_key_once'),
        ),
        migrations.AddConstraint(
            model_name='pooltoken',
            constraint=models.UniqueConstraint(fields=('round', 'key', 'lookup'), name='pool_lookup_once'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.UniqueConstraint(fields=('round', 'witness'), name='signature_once'),
        ),
        migrations.AddConstraint(
            model_name='spent',
            constraint=models.UniqueConstraint(fields=('round', 'mark'), name='spent_once'),
        ),
    ]
